"""Rows of the statements that change tasks, and their conversion for use cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiwebhook.domain.lease import RunLease
from aiwebhook.ports.changes import Changes, TaskChange
from aiwebhook.postgres.outbox_rows import delayed_wake, outbox_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A changed task. The first row carries the outbox rows of the whole statement."""

    project_id: str
    task_id: str
    status: str
    run_after: datetime | None
    has_dependants: bool
    outbox: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedRow(ChangeRow):
    lease_epoch: int
    memories_stored: int

    @property
    def lease(self) -> RunLease:
        return RunLease(
            project_id=self.project_id, task_id=self.task_id, lease_epoch=self.lease_epoch
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow(ChangeRow):
    """A task that may run again in `wait_s` seconds."""

    agent_name: str
    wait_s: float | None


def changes_of(rows: Sequence[ChangeRow]) -> Changes:
    """The changed tasks, the outbox rows to push, and delayed wake-ups for retries that
    are due soon.
    """
    tasks = tuple(
        TaskChange(
            project_id=row.project_id,
            task_id=row.task_id,
            status=row.status,
            run_after=row.run_after,
            has_dependants=row.has_dependants,
        )
        for row in rows
    )
    later = [
        wake
        for row in rows
        if isinstance(row, WaitingRow)
        for wake in delayed_wake(
            project_id=row.project_id, agent_name=row.agent_name, wait_s=row.wait_s
        )
    ]
    return Changes(tasks=tasks, outbox=(*outbox_rows(rows[0].outbox), *later) if rows else ())
