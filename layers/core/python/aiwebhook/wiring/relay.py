"""relay, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aiwebhook import observability
from aiwebhook.aws.blobs import S3BlobStore
from aiwebhook.commands.services import CommandServices
from aiwebhook.ports.gate import Gate
from aiwebhook.ports.inbound import InboundStore
from aiwebhook.postgres.command_store import PostgresCommandStore
from aiwebhook.postgres.gate import PostgresGate
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.usecases.accept_delivery import WebhookSource
from aiwebhook.wiring.cloud import cloud
from aiwebhook.wiring.database import open_database


class RelayNames(Protocol):
    """The settings that relay is made from (functions/relay/settings.py)."""

    @property
    def database_secret_arn(self) -> str: ...
    @property
    def github_secret_arn(self) -> str: ...
    @property
    def agent_queues(self) -> Mapping[str, str]: ...
    @property
    def events_topic_arn(self) -> str: ...
    @property
    def artifact_bucket(self) -> str: ...
    @property
    def allow_loopback_callbacks(self) -> bool: ...
    @property
    def service(self) -> str: ...
    @property
    def log_level(self) -> str: ...
    @property
    def metrics_namespace(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayParts:
    """What relay's door works with. `github` is asked per delivery, so that a rotation is picked
    up.
    """

    gate: Gate
    inbound: InboundStore
    services: CommandServices
    github: Callable[[], WebhookSource]


def relay_parts(names: RelayNames) -> RelayParts:
    """Adapters for relay; nothing is opened or read before the first request."""
    observability.configure(
        service=names.service, level=names.log_level, namespace=names.metrics_namespace
    )
    aws = cloud(observability.correlation_id)
    secrets = aws.secrets()
    database = open_database(secrets, names.database_secret_arn)

    def github() -> WebhookSource:
        secret = secrets.github_secret(names.github_secret_arn)
        return WebhookSource(project_id=secret.project_id, secrets=secret.secrets)

    return RelayParts(
        gate=PostgresGate(database),
        inbound=PostgresInboundStore(database),
        services=CommandServices(
            store=PostgresCommandStore(database),
            blobs=S3BlobStore(aws.environment, names.artifact_bucket),
            waker=aws.waker(names.agent_queues),
            publisher=aws.publisher(names.events_topic_arn),
            allow_loopback_callbacks=names.allow_loopback_callbacks,
        ),
        github=github,
    )
