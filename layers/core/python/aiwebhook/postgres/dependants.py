"""Tasks that depend on tasks that have ended; shared by commands, runs and the reaper."""

from __future__ import annotations

from collections.abc import Sequence

from aiwebhook.domain.event import PUBLISHED
from aiwebhook.domain.say_ending import DEPENDENCY_SAY
from aiwebhook.postgres.change_rows import WaitingRow
from aiwebhook.postgres.database import Database


class PostgresDependants:
    """Base class of stores that end tasks."""

    _database: Database

    def _resolve_dependants(
        self, *, project_ids: Sequence[str], task_ids: Sequence[str], past_locks: bool = False
    ) -> list[WaitingRow]:
        """Unblock or fail the direct dependants of these ended tasks; returns
        those that changed. `past_locks`: not those that another transaction holds.
        """
        params = {
            "project_ids": list(project_ids),
            "task_ids": list(task_ids),
            "past_locks": past_locks,
            "dependency_say": DEPENDENCY_SAY,
            "published": sorted(PUBLISHED),
        }
        return self._database.rows("resolve_dependants", params, WaitingRow)
