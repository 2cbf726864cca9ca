"""Wires the reaper's use cases to their adapters."""

from __future__ import annotations

import random
from dataclasses import dataclass

from aiwebhook.aws.blob_versions import S3BlobVersions
from aiwebhook.aws.blobs import S3BlobStore
from aiwebhook.aws.ecs import FargateStopper
from aiwebhook.aws.signed_request import AwsClient
from aiwebhook.ports.blob_sweep import BlobVersions
from aiwebhook.ports.run_stops import RunStopper
from aiwebhook.postgres.blob_sweep_store import PostgresBlobSweepStore
from aiwebhook.postgres.command_store import PostgresCommandStore
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.inbound_reads import PostgresInboundReads
from aiwebhook.postgres.outbox_store import PostgresOutboxStore
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.postgres.rule_store import PostgresRuleStore
from aiwebhook.postgres.run_stop_store import PostgresRunStopStore
from aiwebhook.settings.reaper import ReaperSettings
from aiwebhook.usecases.delegate_by_rule import Delegating
from aiwebhook.usecases.reap import ReaperServices
from aiwebhook.usecases.start_by_rules import RuleServices
from aiwebhook.wiring.surroundings import surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaper:
    """The reaper's dependencies: `services` at a tick, the rest after it."""

    services: ReaperServices
    runs: PostgresRunStopStore
    stopper: RunStopper
    rules: RuleServices
    sweep: PostgresBlobSweepStore
    versions: BlobVersions


def wire_reaper(settings: ReaperSettings) -> Reaper:
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
        runs=PostgresRunStopStore(database),
        rules=RuleServices(
            store=PostgresRuleStore(database),
            inbound=PostgresInboundReads(database),
            blobs=S3BlobStore(aws.environment, settings.artifact_bucket),
            delegating=Delegating(
                store=PostgresCommandStore(database),
                settling=PostgresQueueStore(database),
                waker=aws.waker(settings.agent_queues),
                publisher=aws.publisher(settings.events_topic_arn),
            ),
        ),
        stopper=FargateStopper(AwsClient("ecs", aws.environment)),
        sweep=PostgresBlobSweepStore(database),
        versions=S3BlobVersions(aws.environment, settings.artifact_bucket),
    )
