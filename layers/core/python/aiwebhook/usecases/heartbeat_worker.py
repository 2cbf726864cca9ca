"""Extends all leases of a worker in one call, and shows that the worker is alive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aiwebhook.domain.lease import LEASE_S, LeaseKeys
from aiwebhook.usecases.own_leases import own_leases

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeartbeat:
    """The result for one lease. `task_id` is None when the token is not valid."""

    task_id: str | None
    cancel: bool = False
    lost: bool = True
    lease_until: datetime | None = None


def heartbeat_worker(  # noqa: PLR0913 - the entry point for the Runs API, all by keyword
    store: PostgresQueueStore,
    *,
    project_id: str,
    worker_id: str,
    lease_tokens: Sequence[str],
    keys: LeaseKeys,
    now: datetime,
) -> tuple[RunHeartbeat, ...]:
    """One result per token, in order. A token that is invalid, expired, of another project or of a
    stale epoch gives `lost`: one bad token must not cost the worker its other leases. A worker that
    returns puts its agents online again. Raises Unavailable.
    """
    leases = own_leases(lease_tokens, project_id=project_id, keys=keys, now=now)
    heartbeat = store.heartbeat_worker(
        project_id=project_id,
        worker_id=worker_id,
        leases=[lease for lease in leases if lease is not None],
        lease_s=LEASE_S,
    )
    if heartbeat.came_online:
        store.mark_agents(project_id=project_id)
    alive = {(beat.task_id, beat.lease_epoch): beat for beat in heartbeat.beats}
    answers: list[RunHeartbeat] = []
    for lease in leases:
        if lease is None:
            answers.append(RunHeartbeat(task_id=None))
            continue
        beat = alive.get((lease.task_id, lease.lease_epoch))
        answers.append(
            RunHeartbeat(task_id=lease.task_id)
            if beat is None
            else RunHeartbeat(
                task_id=beat.task_id,
                cancel=beat.cancel_requested,
                lost=False,
                lease_until=beat.lease_until,
            )
        )
    return tuple(answers)
