"""A worker says that it leaves: it is offline at once, and so are agents nobody else serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiwebhook.ports.messaging import OutboxRow

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore


def leave_worker(
    store: PostgresQueueStore, *, project_id: str, worker_id: str
) -> Sequence[OutboxRow]:
    """Take the worker offline until it claims anew; what it still runs goes on. Returns what must
    be posted, which also ends its claims that are held (post_outbox). Repeating it changes
    nothing. Raises Unavailable.
    """
    store.leave_worker(project_id=project_id, worker_id=worker_id)
    # Also when it had left before: then a crash may have come in between.
    return store.mark_agents(project_id=project_id).outbox
