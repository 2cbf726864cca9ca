"""The reaper's services on a database, for those who only want its work done."""

from __future__ import annotations

from aiwebhook.postgres.database import Database
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.outbox_store import PostgresOutboxStore
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.usecases.reap import ReaperServices
from tests.support.fakes import FakePublisher, FakeRinger, FakeWaker


def reaper_on(database: Database) -> ReaperServices:
    """With fakes around it, and no jitter."""
    return ReaperServices(
        store=PostgresQueueStore(database),
        outbox=PostgresOutboxStore(database),
        waker=FakeWaker(),
        publisher=FakePublisher(),
        deliveries=PostgresDeliveryStore(database),
        ringer=FakeRinger(),
        random=lambda: 0.0,
    )
