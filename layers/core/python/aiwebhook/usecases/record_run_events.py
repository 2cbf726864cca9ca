"""Records progress and log lines of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.plain_text import plain_text
from aiwebhook.domain.storable import storable
from aiwebhook.domain.usage import recorded
from aiwebhook.errors import LeaseLost
from aiwebhook.ports.queue_rows import Recorded

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """One event of a run. `at` is by the run's clock."""

    type: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    at: str | None = None


def record_run_events(
    store: PostgresQueueStore,
    lease: RunLease,
    events: Sequence[RunEvent],
    *,
    first_no: int | None = None,
    usage: Mapping[str, Any] | None = None,
) -> Recorded:
    """Append `task.progress` events in order; `usage` is the attempt's usage so far. `first_no`
    is the run's own number of the first event (from 1): with it a call may be repeated, also with
    further events, and each is logged once. `accepted` counts the new ones. Raises LeaseLost for
    a stale epoch.
    """
    recorded_events = [
        storable(
            {**event.data, "kind": event.type, **({"at": event.at} if event.at else {})},
            clean=plain_text,
        )
        for event in events
    ]
    taken = store.record_run_events(
        lease, recorded_events, first_no=first_no, usage=recorded(usage)
    )
    if taken is None:
        raise LeaseLost(f"The lease on task {lease.task_id} is lost.")
    return taken
