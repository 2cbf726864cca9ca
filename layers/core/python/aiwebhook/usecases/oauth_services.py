"""The OAuth server's dependencies, and its limits for requests without a key."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwebhook.clock import Clock
from aiwebhook.domain.consent import ConsentKeys
from aiwebhook.domain.identity import Randomness
from aiwebhook.door_paths import MCP_PATH
from aiwebhook.ports.oauth import DocumentReader
from aiwebhook.usecases.authenticate import caller_address

if TYPE_CHECKING:
    from aiwebhook.postgres.oauth_store import PostgresOAuthStore


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthServices:
    """The OAuth server's ports. `keys` and `reader` are called only when needed: most
    requests need neither.
    """

    public_url: str
    """The deployment's own URL without a final slash: from the settings, never from a request."""
    store: PostgresOAuthStore
    consent_keys: Callable[[], ConsentKeys]
    documents: Callable[[], DocumentReader]
    clock: Clock
    randomness: Randomness
    allow_loopback: bool = False
    """Client documents may be on this machine: in the local stack only."""

    @property
    def resource(self) -> str:
        """The resource that access tokens are issued for."""
        return self.public_url + MCP_PATH


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorLimit:
    """At most this many at once, and this many an hour."""

    what: str
    burst: int
    per_hour: int

    def take(self, store: PostgresOAuthStore, whom: str) -> bool:
        """Count one request; False when it exceeds the limit."""
        return store.take_door_token(
            f"{self.what} {whom}", burst=self.burst, per_hour=self.per_hour
        )


GUESSES_OF_ADDRESS = DoorLimit(what="guess of address", burst=10, per_hour=40)
GUESSES_AT_PERSON = DoorLimit(what="guess at person", burst=60, per_hour=60)
"""Guesses at one person come from several addresses: a stranger alone cannot lock a person out."""
DOCUMENTS_OF_ADDRESS = DoorLimit(what="document for address", burst=20, per_hour=120)
REGISTRATIONS_OF_ADDRESS = DoorLimit(what="registration of address", burst=20, per_hour=60)
REGISTRATIONS = DoorLimit(what="registration", burst=200, per_hour=200)
MOST_CLIENTS = 5_000


def network_of(address: str | None) -> str:
    """The key of an address for limits: for IPv6 its /64, which one household has to itself."""
    ip = caller_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(ip) >> 64 << 64, 64)))
    return "unknown" if ip is None else str(ip)
