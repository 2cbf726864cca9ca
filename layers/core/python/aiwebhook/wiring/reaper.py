"""Puts the reaper together."""

from __future__ import annotations

import random
from dataclasses import dataclass

from aiwebhook.aws.blob_versions import S3BlobVersions
from aiwebhook.ports.blob_sweep import BlobSweepStore, BlobVersions
from aiwebhook.postgres.blob_sweep_store import PostgresBlobSweepStore
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.outbox_store import PostgresOutboxStore
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.settings.reaper import ReaperSettings
from aiwebhook.usecases.reap import ReaperServices
from aiwebhook.wiring.surroundings import surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaper:
    """All that the reaper works with: `services` at a tick, the rest in the sweep of blobs."""

    services: ReaperServices
    sweep: BlobSweepStore
    versions: BlobVersions


def wire_reaper(settings: ReaperSettings) -> Reaper:
    """All that it works with."""
    around = surroundings(settings)
    aws, database = around.aws, around.database
    return Reaper(
        services=ReaperServices(
            store=PostgresQueueStore(database),
            outbox=PostgresOutboxStore(database),
            waker=aws.waker(settings.agent_queues),
            publisher=aws.publisher(settings.events_topic_arn),
            deliveries=PostgresDeliveryStore(database),
            ringer=aws.ringer(settings.notifier_queue_url),
            random=random.SystemRandom().random,
        ),
        sweep=PostgresBlobSweepStore(database),
        versions=S3BlobVersions(aws.environment, settings.artifact_bucket),
    )
