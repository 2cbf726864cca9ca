"""A run begins: a launched one exchanges its bootstrap code, a worker claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from aiwebhook.domain.lease import LEASE_S, TOKEN_GRACE, LeaseKeys, RunLease
from aiwebhook.domain.run import RunInput
from aiwebhook.errors import LeaseLost
from aiwebhook.ports.queue import RunStore
from aiwebhook.ports.queue_rows import ClaimOrder


def start_run(  # noqa: PLR0913 - the facade of the Runs API, all by keyword
    store: RunStore,
    *,
    task_id: str,
    bootstrap_code: str,
    worker_id: str,
    keys: LeaseKeys,
    now: datetime,
) -> RunInput:
    """Exchange the code for the work and a lease token; the same `worker_id` may repeat it.

    Raises Forbidden for a code that is not ours, LeaseLost when the attempt was started by another
    worker, has ended, or is not about this task.
    """
    attempt_id = keys.verify_bootstrap_code(bootstrap_code)
    lease = store.start_run(
        task_id=task_id, attempt_id=attempt_id, worker_id=worker_id, lease_s=LEASE_S
    )
    if lease is None:
        raise LeaseLost(f"Attempt {attempt_id} at task {task_id} is not to be started any more.")
    return _run_input(store, lease, keys, now)


def claim_for_worker(  # noqa: PLR0913 - the facade of the Runs API, all by keyword
    store: RunStore,
    *,
    project_id: str,
    worker_id: str,
    agents: Sequence[str],
    keys: LeaseKeys,
    now: datetime,
) -> RunInput | None:
    """One task of any of `agents` (the first that has one), already running; None when there is
    none.

    Asking shows that the worker is alive; one that comes back puts its agents online again.
    """
    if store.touch_worker(project_id=project_id, worker_id=worker_id, agents=agents):
        store.mark_agents(project_id=project_id)
    for agent_name in agents:
        order = ClaimOrder(
            project_id=project_id,
            agent_name=agent_name,
            limit=1,
            lease_s=LEASE_S,
            worker_id=worker_id,
        )
        for claimed in store.claim_tasks(order):
            return _run_input(store, claimed.lease, keys, now)
    return None


def _run_input(store: RunStore, lease: RunLease, keys: LeaseKeys, now: datetime) -> RunInput:
    work = store.run_work(lease)
    if work is None:
        raise LeaseLost(f"The lease on task {lease.task_id} ended at once.")
    expires_at = now + timedelta(seconds=work.timeout_s) + TOKEN_GRACE
    return RunInput(
        project_id=work.project_id,
        task_id=work.task_id,
        session_id=work.session_id,
        attempt_id=work.attempt_id,
        lease_epoch=work.lease_epoch,
        lease_token=keys.lease_token(lease, expires_at),
        agent=work.agent,
        task_type=work.task_type,
        description=work.description,
        input=work.input,
        timeout_s=work.timeout_s,
        correlation_id=work.correlation_id,
    )
