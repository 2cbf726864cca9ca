"""Starts runs: a launched run exchanges its bootstrap code, a worker claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.lease import HEARTBEAT_S, LEASE_S, TOKEN_GRACE, LeaseKeys
from aiwebhook.domain.plain_text import plain_text
from aiwebhook.domain.run import Checkpoint, RunInput
from aiwebhook.domain.storable import storable
from aiwebhook.errors import LeaseLost
from aiwebhook.ports.blobs import BlobStore
from aiwebhook.ports.queue_rows import ClaimOrder, RunWork, WorkerSeen

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore


@dataclass(frozen=True, slots=True, kw_only=True)
class RunServices:
    """The dependencies of starting runs: the queue, checkpoint archives, keys of leases."""

    store: PostgresQueueStore
    checkpoints: BlobStore
    keys: LeaseKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimingWorker:
    """A worker asking for work. `room` is how many more runs it accepts, in total or per agent:
    then `agents` lists all it serves, and agents missing in `room` get none.
    """

    project_id: str
    worker_id: str
    agents: Sequence[str]
    details: Mapping[str, Any] | None = None
    room: int | Mapping[str, int] | None = None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The agents it has room for, in its order of preference."""
        if self.room is None or isinstance(self.room, int):
            return () if self.room == 0 else tuple(self.agents)
        return tuple(name for name in self.agents if self.room.get(name, 0) > 0)


def start_run(
    services: RunServices, *, task_id: str, bootstrap_code: str, worker_id: str, now: datetime
) -> RunInput:
    """Exchange the code for the task's input and a lease token; the same `worker_id` may repeat it.
    Raises Forbidden for an invalid code; LeaseLost when the attempt was started by another worker,
    has ended, or belongs to another task.
    """
    attempt_id = services.keys.verify_bootstrap_code(bootstrap_code)
    work = services.store.start_run(
        task_id=task_id, attempt_id=attempt_id, worker_id=worker_id, lease_s=LEASE_S
    )
    if work is None:
        raise LeaseLost(f"Attempt {attempt_id} at task {task_id} is not to be started any more.")
    return _run_input(services, work, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerGone:
    """The worker has left since it sent its claim, so nobody may receive what the claim gets."""


class WorkerClaim:
    """A worker's claim, which looks for a task as often as it is held. Only its first look can put
    the worker online again: once the worker has left, the others get nothing.
    """

    def __init__(self, services: RunServices, worker: ClaimingWorker) -> None:
        self._services = services
        self._worker = worker
        self._connected_at: str | None = None

    def look(self, *, now: datetime) -> RunInput | WorkerGone | None:
        """One task of any wanted agent (the first that has one), already running; None when there
        is none. It shows that the worker is alive and puts its agents online again.
        """
        seen = self._services.store.touch_worker(_seen(self._worker, self._connected_at))
        if seen.gone:
            return WorkerGone()
        self._connected_at = self._connected_at or seen.connected_at
        return _claimed(self._services, self._worker, now, came_online=seen.came_online)


def _claimed(
    services: RunServices, worker: ClaimingWorker, now: datetime, *, came_online: bool
) -> RunInput | None:
    store = services.store
    if came_online:
        # The worker has checked the program and key of each of its agents before it claims.
        store.report_agents(
            project_id=worker.project_id, reasons=dict.fromkeys(worker.agents, None)
        )
        store.mark_agents(project_id=worker.project_id)
    store.ready_own_due_tasks(project_id=worker.project_id, agent_names=worker.wanted)
    for agent_name in worker.wanted:
        order = ClaimOrder(
            project_id=worker.project_id,
            agent_name=agent_name,
            limit=1,
            lease_s=LEASE_S,
            worker_id=worker.worker_id,
        )
        for claimed in store.claim_tasks(order):
            work = store.run_work(claimed.lease)
            if work is None:
                raise LeaseLost(f"The lease on task {claimed.task_id} ended at once.")
            return _run_input(services, work, now)
    return None


def _seen(worker: ClaimingWorker, connected_at: str | None) -> WorkerSeen:
    return WorkerSeen(
        project_id=worker.project_id,
        worker_id=worker.worker_id,
        agents=worker.agents,
        all_agents=isinstance(worker.room, Mapping),
        details=None if worker.details is None else storable(worker.details, clean=plain_text),
        connected_at=connected_at,
    )


def _run_input(services: RunServices, work: RunWork, now: datetime) -> RunInput:
    expires_at = now + timedelta(seconds=work.timeout_s) + TOKEN_GRACE
    return RunInput(
        **work.values(),
        lease_token=services.keys.lease_token(work.lease, expires_at),
        heartbeat_s=HEARTBEAT_S,
        agent=work.agent,
        repository=work.repository,
        checkpoint=_checkpoint(services.checkpoints, work),
    )


def _checkpoint(archives: BlobStore, work: RunWork) -> Checkpoint | None:
    if work.checkpoint is None:
        return None
    digest = work.checkpoint_sha256
    url = (
        None
        if digest is None
        else archives.presign_get(project_id=work.project_id, sha256=bytes(digest))
    )
    return Checkpoint(data=work.checkpoint, url=url)
