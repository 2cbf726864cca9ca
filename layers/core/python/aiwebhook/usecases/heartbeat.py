"""Extends the lease of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.lease import LEASE_S, RunLease
from aiwebhook.errors import LeaseLost
from aiwebhook.ports.queue_rows import ExtendedLease
from aiwebhook.usecases.record_run_events import RunEvent, record_run_events

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore


def heartbeat(
    store: PostgresQueueStore, lease: RunLease, *, progress: Mapping[str, Any] | None = None
) -> ExtendedLease:
    """Extend the lease; the result says whether the run must stop. Raises LeaseLost for
    a stale epoch.
    """
    beats = store.heartbeat([lease], lease_s=LEASE_S)
    if not beats:
        raise LeaseLost(f"The lease on task {lease.task_id} is lost.")
    if progress:
        record_run_events(store, lease, [RunEvent(type="progress", data=progress)])
    return beats[0]
