"""What waits for tasks that have ended: commands, runs and the reaper tell it alike."""

from __future__ import annotations

from collections.abc import Sequence

from aiwebhook.domain.event import PUBLISHED
from aiwebhook.domain.say_ending import DEPENDENCY_SAY
from aiwebhook.postgres.change_rows import WaitingRow
from aiwebhook.postgres.database import Database


class PostgresDependants:
    """For the stores built on it."""

    _database: Database

    def _resolve_dependants(
        self, *, project_ids: Sequence[str], task_ids: Sequence[str]
    ) -> list[WaitingRow]:
        """Unblock or fail the direct dependants of these ended tasks; those that changed."""
        params = {
            "project_ids": list(project_ids),
            "task_ids": list(task_ids),
            "dependency_say": DEPENDENCY_SAY,
            "published": sorted(PUBLISHED),
        }
        return self._database.rows("resolve_dependants", params, WaitingRow)
