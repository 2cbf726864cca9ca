"""Rows of the statements of runs and workers that use cases get as another class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.view import view
from aiwebhook.ports.queue_rows import ExtendedLease, Json, RunMessage

_ONLINE = frozenset({"came_online"})


def lease_arrays(leases: Sequence[RunLease]) -> dict[str, Any]:
    """Leases as the array parameters of a statement."""
    return {
        "project_ids": [lease.project_id for lease in leases],
        "task_ids": [lease.task_id for lease in leases],
        "lease_epochs": [lease.lease_epoch for lease in leases],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatRow:
    """A valid lease; a worker without leases has one row of nulls."""

    project_id: str | None
    task_id: str | None
    lease_epoch: int | None
    cancel_requested: bool | None
    lease_until: datetime | None
    came_online: bool

    @property
    def found(self) -> ExtendedLease | None:
        values = view(self, without=_ONLINE)
        return None if self.task_id is None else ExtendedLease(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A follow-up; a run without follow-ups has one row of nulls."""

    message_no: int | None
    message: str | Json | None
    created_at: datetime | None

    @property
    def found(self) -> RunMessage | None:
        return None if self.message_no is None else RunMessage(**view(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSchemaRow:
    """`output_schema` of an agent's manifest; {} accepts any output."""

    project_id: str
    task_id: str
    lease_epoch: int
    output_schema: Json

    @property
    def lease(self) -> RunLease:
        return RunLease(
            project_id=self.project_id, task_id=self.task_id, lease_epoch=self.lease_epoch
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedArtifactRow:
    """A run's artifact, and its outbox rows."""

    task_id: str
    outbox: list[Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedAgentsRow:
    """How many agents went offline, and how many came back."""

    went_offline: int
    came_back: int
    outbox: list[Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledOutboxRow:
    """Columns of settle_outbox.sql; `notified` is null when another transaction
    held the notification.
    """

    synchronous_commit: str
    pushed: int
    notified: bool | None
    with_work: list[dict[str, str]]
