"""Follow-ups to a run's task, read between two turns of its agent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aiwebhook.domain.lease import RunLease
from aiwebhook.errors import LeaseLost
from aiwebhook.ports.queue_rows import RunMessage

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore


def run_messages(
    store: PostgresQueueStore, lease: RunLease, *, after: int = 0
) -> Sequence[RunMessage]:
    """The next messages numbered above `after`, in order; repeat with the last number until none
    are returned. Messages sent as text are returned as text. Raises LeaseLost.
    """
    messages = store.run_messages(lease, after=after)
    if messages is None:
        raise LeaseLost(f"The lease on task {lease.task_id} is lost.")
    return [_plain(message) for message in messages]


def _plain(message: RunMessage) -> RunMessage:
    """reply_to_task stores text as an object with only the field `text`."""
    content = message.message
    if (
        isinstance(content, dict)
        and content.keys() == {"text"}
        and isinstance(content["text"], str)
    ):
        return replace(message, message=content["text"])
    return message
