"""The dependencies of session_api's operations, with any store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwebhook.clock import Clock
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.lease import LeaseKeys
from aiwebhook.ports.authenticator import Authenticator
from aiwebhook.ports.blobs import BlobStore
from aiwebhook.ports.names import NameStore
from aiwebhook.ports.observation import ObservationStore
from aiwebhook.usecases.granted_waits import Waits

if TYPE_CHECKING:
    from aiwebhook.postgres.access_store import PostgresAccessStore
    from aiwebhook.postgres.channel_store import PostgresChannelStore
    from aiwebhook.postgres.inbound_reads import PostgresInboundReads
    from aiwebhook.postgres.people_store import PostgresPeopleStore
    from aiwebhook.postgres.project_reads import PostgresProjectReads
    from aiwebhook.postgres.queue_store import PostgresQueueStore
    from aiwebhook.postgres.rule_store import PostgresRuleStore
    from aiwebhook.postgres.spoken_store import PostgresSpokenStore
    from aiwebhook.usecases.manage_endpoints import EndpointServices
    from aiwebhook.usecases.manage_reconciliations import ReconciliationServices
    from aiwebhook.usecases.manage_sources import SourceServices
    from aiwebhook.usecases.oauth_services import OAuthServices
    from aiwebhook.usecases.subscribe import SubscriptionServices


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionApi:
    """The dependencies of the operations, as ports. The keys are fetched lazily: most requests
    need no secret.
    """

    commands: CommandServices
    authenticator: Authenticator
    access: PostgresAccessStore
    people: PostgresPeopleStore
    projects: PostgresProjectReads
    oauth: OAuthServices
    runs: PostgresQueueStore
    observations: ObservationStore
    names: NameStore
    spoken: PostgresSpokenStore
    subscriptions: SubscriptionServices
    inbound: PostgresInboundReads
    sources: SourceServices
    rules: PostgresRuleStore
    reconciliations: ReconciliationServices
    channels: PostgresChannelStore
    blobs: BlobStore
    checkpoints: BlobStore
    endpoints: Callable[[], EndpointServices]
    lease_keys: Callable[[], LeaseKeys]
    clock: Clock
    random: Callable[[], float]
    origins: frozenset[str] = frozenset()
    """Of pages that may call /mcp."""

    @property
    def waits(self) -> Waits:
        """Which requests are held."""
        return self.commands.waits

    @property
    def public_url(self) -> str:
        """The deployment's own URL, without a trailing slash."""
        return self.oauth.public_url

    @property
    def resource(self) -> str:
        """The resource that access tokens are valid for: the MCP URL."""
        return self.oauth.resource
