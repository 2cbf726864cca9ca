"""Which of a worker's runs must stop, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiwebhook.domain.lease import RunLease
from aiwebhook.ports.observation import ObservationStore


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseSignal:
    """The signal for one run. `task_id` is None when its token is not valid."""

    task_id: str | None
    cancel: bool = False
    lost: bool = True


def run_signals(
    store: ObservationStore, leases: Sequence[RunLease | None]
) -> tuple[LeaseSignal, ...]:
    """One signal per lease, in order; extends no lease. Raises Unavailable."""
    lasting = store.runs_shall_stop([lease for lease in leases if lease is not None])
    shall_stop = {(row.task_id, row.lease_epoch): row.cancel_requested for row in lasting}
    return tuple(_signal(lease, shall_stop) for lease in leases)


def _signal(lease: RunLease | None, shall_stop: dict[tuple[str, int], bool]) -> LeaseSignal:
    if lease is None:
        return LeaseSignal(task_id=None)
    cancel = shall_stop.get((lease.task_id, lease.lease_epoch))
    return LeaseSignal(task_id=lease.task_id, cancel=cancel is True, lost=cancel is None)
