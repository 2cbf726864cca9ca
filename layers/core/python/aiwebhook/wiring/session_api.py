"""Wires session_api's use cases to their adapters."""

from __future__ import annotations

import os
import random
from functools import cache

from aiwebhook.aws.blobs import CHECKPOINTS, S3BlobStore
from aiwebhook.clock import utc_now
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.lease import LeaseKeys
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.postgres.access_store import PostgresAccessStore
from aiwebhook.postgres.authenticator import PostgresAuthenticator
from aiwebhook.postgres.channel_store import PostgresChannelStore
from aiwebhook.postgres.command_store import PostgresCommandStore
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.endpoint_store import PostgresEndpointStore
from aiwebhook.postgres.inbound_reads import PostgresInboundReads
from aiwebhook.postgres.name_store import PostgresNameStore
from aiwebhook.postgres.observation_store import PostgresObservationStore
from aiwebhook.postgres.people_store import PostgresPeopleStore
from aiwebhook.postgres.project_reads import PostgresProjectReads
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.postgres.reconciliation_store import PostgresReconciliationStore
from aiwebhook.postgres.rule_store import PostgresRuleStore
from aiwebhook.postgres.source_store import PostgresSourceStore
from aiwebhook.postgres.spoken_store import PostgresSpokenStore
from aiwebhook.postgres.wait_store import PostgresWaitStore
from aiwebhook.settings.session_api import SessionApiSettings
from aiwebhook.usecases.granted_waits import Waits
from aiwebhook.usecases.manage_endpoints import EndpointServices
from aiwebhook.usecases.manage_reconciliations import ReconciliationServices
from aiwebhook.usecases.manage_sources import SourceServices
from aiwebhook.wiring.oauth import wire_oauth
from aiwebhook.wiring.session_api_parts import SessionApi
from aiwebhook.wiring.subscriptions import wire_subscriptions
from aiwebhook.wiring.surroundings import surroundings


def wire_session_api(settings: SessionApiSettings) -> SessionApi:
    # reason: a composition root is one list
    around = surroundings(settings)
    aws, database = around.aws, around.database
    blobs = S3BlobStore(aws.environment, settings.artifact_bucket)

    def master_key() -> bytes:
        return around.secrets.app_secret(settings.app_secret_arn).master_key

    def endpoints() -> EndpointServices:
        return EndpointServices(
            store=PostgresEndpointStore(database),
            deliveries=PostgresDeliveryStore(database),
            keys=CallbackKeys(master_key()),
            ringer=aws.ringer(settings.notifier_queue_url),
            allow_loopback=settings.allow_loopback_callbacks,
        )

    oauth = wire_oauth(settings, around, master_key)
    return SessionApi(
        commands=CommandServices(
            store=PostgresCommandStore(database),
            blobs=blobs,
            waker=aws.waker(settings.agent_queues),
            publisher=aws.publisher(settings.events_topic_arn),
            waits=Waits(
                store=PostgresWaitStore(database),
                function=settings.service,
                max_waits=settings.max_waits,
                holds_polls=settings.holds_polls,
            ),
            allow_loopback_callbacks=settings.allow_loopback_callbacks,
        ),
        authenticator=PostgresAuthenticator(database),
        access=PostgresAccessStore(database),
        people=PostgresPeopleStore(database),
        projects=PostgresProjectReads(database),
        oauth=oauth,
        runs=PostgresQueueStore(database),
        observations=PostgresObservationStore(database),
        names=PostgresNameStore(database),
        spoken=PostgresSpokenStore(database),
        subscriptions=wire_subscriptions(settings, around, oauth.store, master_key),
        inbound=PostgresInboundReads(database),
        channels=PostgresChannelStore(database),
        rules=PostgresRuleStore(database),
        sources=SourceServices(
            store=PostgresSourceStore(database),
            box=lambda: SecretBox(master_key()),
            randomness=os.urandom,
        ),
        reconciliations=ReconciliationServices(
            store=PostgresReconciliationStore(database),
            box=lambda: SecretBox(master_key()),
            randomness=os.urandom,
            allow_loopback=settings.allow_loopback_callbacks,
        ),
        blobs=blobs,
        checkpoints=S3BlobStore(aws.environment, settings.artifact_bucket, CHECKPOINTS),
        endpoints=cache(endpoints),
        lease_keys=cache(lambda: LeaseKeys(master_key())),
        clock=utc_now,
        random=random.SystemRandom().random,
        origins=frozenset(settings.cors_origins),
    )
