"""For the reaper: ring the notifier for callbacks that are due and that nobody is at work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.errors import Unavailable
from aiwebhook.ports.messaging import DeliveryRinger

if TYPE_CHECKING:
    from aiwebhook.postgres.delivery_store import PostgresDeliveryStore


def ring_due_deliveries(
    store: PostgresDeliveryStore, ringer: DeliveryRinger, limit: int = 500
) -> int:
    """How many events were rung for. Raises Unavailable when the database is away.

    Ringing twice is harmless: a delivery is claimed under a lease. When SQS is away the rest waits
    for the next tick.
    """
    rung = 0
    for due in store.due_deliveries(limit=limit):
        try:
            ringer.ring(project_id=due.project_id, event_no=due.event_no)
        except Unavailable:
            return rung
        rung += 1
    return rung
