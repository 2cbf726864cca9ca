"""Puts the reaper together."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Protocol

from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.outbox_store import PostgresOutboxStore
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.usecases.reap import ReaperServices
from aiwebhook.wiring.cloud import cloud
from aiwebhook.wiring.database import open_database


class ReaperPlaces(Protocol):
    """Where the reaper finds its surroundings: what functions/reaper/settings.py reads."""

    @property
    def database_secret_arn(self) -> str: ...
    @property
    def agent_queues(self) -> Mapping[str, str]: ...
    @property
    def events_topic_arn(self) -> str: ...
    @property
    def notifier_queue_url(self) -> str: ...


def reaper_services(places: ReaperPlaces) -> ReaperServices:
    """All of it; nothing is connected before it is needed."""
    aws = cloud()
    database = open_database(aws.secrets(), places.database_secret_arn)
    return ReaperServices(
        store=PostgresQueueStore(database),
        outbox=PostgresOutboxStore(database),
        waker=aws.waker(places.agent_queues),
        publisher=aws.publisher(places.events_topic_arn),
        deliveries=PostgresDeliveryStore(database),
        ringer=aws.ringer(places.notifier_queue_url),
        random=random.SystemRandom().random,
    )
