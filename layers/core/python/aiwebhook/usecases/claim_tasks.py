"""Claim tasks of one agent."""

from __future__ import annotations

from aiwebhook.domain.lease import LEASE_S
from aiwebhook.ports.queue import LaunchStore
from aiwebhook.ports.queue_rows import ClaimedTask, ClaimOrder


def claim_tasks(  # noqa: PLR0913 - the facade of the queue, all by keyword
    store: LaunchStore,
    *,
    project_id: str,
    agent_name: str,
    limit: int,
    worker_id: str | None = None,
    lease_s: int = LEASE_S,
) -> tuple[ClaimedTask, ...]:
    """Up to `limit` tasks under new leases, never beyond the agent's cap. Raises Unavailable."""
    order = ClaimOrder(
        project_id=project_id,
        agent_name=agent_name,
        limit=limit,
        lease_s=lease_s,
        worker_id=worker_id,
    )
    return store.claim_tasks(order)
