"""Wires relay's use cases to their adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.aws.blobs import S3BlobStore
from aiwebhook.commands.services import CommandServices
from aiwebhook.postgres.authenticator import PostgresAuthenticator
from aiwebhook.postgres.command_store import PostgresCommandStore
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.postgres.wait_store import PostgresWaitStore
from aiwebhook.settings.relay import RelaySettings
from aiwebhook.usecases.accept_delivery import WebhookSource
from aiwebhook.usecases.granted_waits import Waits
from aiwebhook.wiring.relay_parts import RelayParts
from aiwebhook.wiring.surroundings import surroundings

if TYPE_CHECKING:
    from aiwebhook.usecases.start_by_rules import RuleServices


def rule_services_on(database: Database, services: CommandServices) -> RuleServices:
    """What evaluates the rules of a delivery."""
    from aiwebhook.postgres.inbound_reads import PostgresInboundReads  # noqa: PLC0415 — rarer: paid when it comes
    from aiwebhook.postgres.queue_store import PostgresQueueStore  # noqa: PLC0415 — as above
    from aiwebhook.postgres.rule_store import PostgresRuleStore  # noqa: PLC0415 — as above
    from aiwebhook.usecases.delegate_by_rule import Delegating  # noqa: PLC0415 — as above
    from aiwebhook.usecases.start_by_rules import RuleServices  # noqa: PLC0415 — as above

    return RuleServices(
        store=PostgresRuleStore(database),
        inbound=PostgresInboundReads(database),
        blobs=services.blobs,
        delegating=Delegating(
            store=PostgresCommandStore(database),
            settling=PostgresQueueStore(database),
            waker=services.waker,
            publisher=services.publisher,
        ),
    )


def wire_relay(settings: RelaySettings) -> RelayParts:
    around = surroundings(settings)
    aws, database = around.aws, around.database

    def github() -> WebhookSource:
        secret = around.secrets.github_secret(settings.github_secret_arn)
        return WebhookSource(project_id=secret.project_id, secrets=secret.secrets)

    services = CommandServices(
        store=PostgresCommandStore(database),
        blobs=S3BlobStore(aws.environment, settings.artifact_bucket),
        waker=aws.waker(settings.agent_queues),
        publisher=aws.publisher(settings.events_topic_arn),
        waits=Waits(
            store=PostgresWaitStore(database),
            function=settings.service,
            max_waits=settings.max_waits,
            holds_polls=False,
        ),
        allow_loopback_callbacks=settings.allow_loopback_callbacks,
    )
    return RelayParts(
        authenticator=PostgresAuthenticator(database),
        inbound=PostgresInboundStore(database),
        services=services,
        github=github,
        master_key=lambda: around.secrets.app_secret(settings.app_secret_arn).master_key,
        rules=lambda: rule_services_on(database, services),
    )
