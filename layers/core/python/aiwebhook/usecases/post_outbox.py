"""After the commit: push what the change put into the outbox, wake the readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aiwebhook.errors import Unavailable
from aiwebhook.ports.messaging import EventPublisher, OutboxRow, Waker
from aiwebhook.usecases.publish_outbox import push_outbox


class SettlingStore(Protocol):
    """The one statement needed here."""

    def settle_outbox(self, outbox_ids: Sequence[int]) -> None:
        """Forget what was pushed, wake the readers."""
        ...


def post_outbox(
    store: SettlingStore, rows: Sequence[OutboxRow], *, waker: Waker, publisher: EventPublisher
) -> None:
    """Call it after every change, also without rows: long polls wait for the
    notification. Never raises.
    """
    pushed = push_outbox(rows, waker=waker, publisher=publisher) if rows else ()
    try:
        store.settle_outbox(pushed)
    except Unavailable:
        return  # pushed once more by the sweep; readers poll
