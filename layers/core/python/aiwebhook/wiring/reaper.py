"""Puts the reaper together."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aiwebhook.aws.blob_versions import S3BlobVersions
from aiwebhook.ports.blob_sweep import BlobSweepStore, BlobVersions
from aiwebhook.postgres.blob_sweep_store import PostgresBlobSweepStore
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.outbox_store import PostgresOutboxStore
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.usecases.reap import ReaperServices
from aiwebhook.wiring.cloud import Cloud, cloud
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
    @property
    def artifact_bucket(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaper:
    """All that the reaper works with."""

    services: ReaperServices
    sweep: BlobSweepStore
    versions: BlobVersions


def wire_reaper(places: ReaperPlaces) -> Reaper:
    """All of it; nothing is connected before it is needed."""
    aws = cloud()
    database = open_database(aws.secrets(), places.database_secret_arn)
    return Reaper(
        services=_services(aws, database, places),
        sweep=PostgresBlobSweepStore(database),
        versions=S3BlobVersions(aws.environment, places.artifact_bucket),
    )


def _services(aws: Cloud, database: Database, places: ReaperPlaces) -> ReaperServices:
    return ReaperServices(
        store=PostgresQueueStore(database),
        outbox=PostgresOutboxStore(database),
        waker=aws.waker(places.agent_queues),
        publisher=aws.publisher(places.events_topic_arn),
        deliveries=PostgresDeliveryStore(database),
        ringer=aws.ringer(places.notifier_queue_url),
        random=random.SystemRandom().random,
    )
