"""The task changes a statement made: rows of the queue (postgres/change_rows.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiwebhook.ports.messaging import OutboxRow


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRef:
    project_id: str
    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChange:
    """A task after a change of its status."""

    project_id: str
    task_id: str
    status: str
    run_after: datetime | None
    has_dependants: bool

    @property
    def ref(self) -> TaskRef:
        """The task it is about."""
        return TaskRef(project_id=self.project_id, task_id=self.task_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one statement changed."""

    tasks: Sequence[TaskChange] = ()
    outbox: Sequence[OutboxRow] = ()
