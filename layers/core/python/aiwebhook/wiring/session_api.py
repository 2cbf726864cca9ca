"""Puts session_api together."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from aiwebhook import observability
from aiwebhook.aws.blobs import CHECKPOINTS, S3BlobStore
from aiwebhook.clock import Clock, utc_now
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.lease import LeaseKeys
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.ports.access import AccessStore
from aiwebhook.ports.blobs import BlobStore
from aiwebhook.ports.gate import Gate
from aiwebhook.ports.observation import ObservationStore
from aiwebhook.ports.queue import RunStore
from aiwebhook.postgres.access_store import PostgresAccessStore
from aiwebhook.postgres.command_store import PostgresCommandStore
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.endpoint_store import PostgresEndpointStore
from aiwebhook.postgres.gate import PostgresGate
from aiwebhook.postgres.observation_store import PostgresObservationStore
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.usecases.manage_endpoints import EndpointServices
from aiwebhook.wiring.cloud import cloud
from aiwebhook.wiring.database import open_database


class SessionApiPlaces(Protocol):
    """Where session_api finds its surroundings: what functions/session_api/settings.py reads."""

    @property
    def database_secret_arn(self) -> str: ...
    @property
    def app_secret_arn(self) -> str: ...
    @property
    def agent_queues(self) -> Mapping[str, str]: ...
    @property
    def events_topic_arn(self) -> str: ...
    @property
    def notifier_queue_url(self) -> str: ...
    @property
    def artifact_bucket(self) -> str: ...
    @property
    def allow_loopback_callbacks(self) -> bool: ...
    @property
    def log_level(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def metrics_namespace(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionApi:
    """What the operations need, as ports. The keys are asked for late: most requests need no
    secret.
    """

    commands: CommandServices
    gate: Gate
    access: AccessStore
    runs: RunStore
    observations: ObservationStore
    blobs: BlobStore
    checkpoints: BlobStore
    endpoints: Callable[[], EndpointServices]
    lease_keys: Callable[[], LeaseKeys]
    clock: Clock
    random: Callable[[], float]


def wire_session_api(places: SessionApiPlaces) -> SessionApi:
    """All of it; nothing is connected, and no secret read, before it is needed."""
    observability.configure(
        service=places.service, level=places.log_level, namespace=places.metrics_namespace
    )
    aws = cloud(observability.correlation_id)
    secrets = aws.secrets()
    database = open_database(secrets, places.database_secret_arn)
    blobs = S3BlobStore(aws.environment, places.artifact_bucket)

    def master_key() -> bytes:
        return secrets.app_secret(places.app_secret_arn).master_key

    def endpoints() -> EndpointServices:
        return EndpointServices(
            store=PostgresEndpointStore(database),
            deliveries=PostgresDeliveryStore(database),
            keys=CallbackKeys(master_key()),
            ringer=aws.ringer(places.notifier_queue_url),
            allow_loopback=places.allow_loopback_callbacks,
        )

    return SessionApi(
        commands=CommandServices(
            store=PostgresCommandStore(database),
            blobs=blobs,
            waker=aws.waker(places.agent_queues),
            publisher=aws.publisher(places.events_topic_arn),
            allow_loopback_callbacks=places.allow_loopback_callbacks,
        ),
        gate=PostgresGate(database),
        access=PostgresAccessStore(database),
        runs=PostgresQueueStore(database),
        observations=PostgresObservationStore(database),
        blobs=blobs,
        checkpoints=S3BlobStore(aws.environment, places.artifact_bucket, CHECKPOINTS),
        endpoints=cache(endpoints),
        lease_keys=cache(lambda: LeaseKeys(master_key())),
        clock=utc_now,
        random=random.SystemRandom().random,
    )
