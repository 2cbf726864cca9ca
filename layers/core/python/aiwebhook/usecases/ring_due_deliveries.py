"""For the reaper: ring the notifier for callbacks that are due and that nobody is at work on."""

from __future__ import annotations

from aiwebhook.errors import Unavailable
from aiwebhook.ports.deliveries import DeliveryStore
from aiwebhook.ports.messaging import DeliveryRinger


def ring_due_deliveries(store: DeliveryStore, ringer: DeliveryRinger, limit: int = 500) -> int:
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
