"""For the reaper: rings the notifier for due callbacks that nobody is working on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.errors import Unavailable
from aiwebhook.ports.messaging import DeliveryRinger

if TYPE_CHECKING:
    from aiwebhook.postgres.delivery_store import PostgresDeliveryStore


def ring_due_deliveries(
    store: PostgresDeliveryStore, ringer: DeliveryRinger, limit: int = 500
) -> int:
    """Returns how many events it rang for. Raises Unavailable when the database is unavailable.
    Ringing twice is harmless: deliveries are claimed under a lease. If SQS is unavailable, the
    next tick continues.
    """
    rung = 0
    for due in store.due_deliveries(limit=limit):
        try:
            ringer.ring(project_id=due.project_id, event_no=due.event_no)
        except Unavailable:
            return rung
        rung += 1
    return rung
