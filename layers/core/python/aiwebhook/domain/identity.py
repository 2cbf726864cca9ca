"""Who calls: projects, API keys and their scopes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

DEFAULT_PROJECT = "default"
"""The project that every deployment begins with; its administrators make the others."""
PROJECT = "project"
"""Principal and connection of everybody who shows an API key."""
RATE_PER_MINUTE, BURST = 600, 100
"""Of a new API key, and of a connection."""
LEASED_SHARE, LEASED_MOST = 10, 100
"""A process takes a tenth of a key's burst along, a hundred tokens at most."""

Randomness = Callable[[int], bytes]
"""Random bytes of a secret."""


class Scope(StrEnum):
    """What an API key may do; a key carries one or more."""

    COMMANDS = "commands"
    """Send commands: everything a conversation needs, reading included."""
    READ = "read"
    """Read sessions, tasks, memories, artifacts and events."""
    SAY = "say"
    """Speak to POST /v1/say, and nothing else."""
    WORKER = "worker"
    """Claim and run tasks."""
    ADMIN = "admin"
    """Manage keys, endpoints and deliveries; implies the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An authenticated caller. Everything it does happens in `project_id`."""

    project_id: str
    key_id: str
    """Of the API key; of the connection, where an access token was shown."""
    scopes: frozenset[Scope]
    person_id: str | None = None
    """Whom the connection acts for; None behind an API key."""

    @property
    def principal(self) -> str:
        """Whose conversations these are, within the project: those of the person who signed in; all
        API keys count as one person. Never a key: keys rotate.
        """
        return self.person_id or PROJECT

    @property
    def connection(self) -> str:
        """One OAuth grant, or all API keys of the project together."""
        return PROJECT if self.person_id is None else self.key_id

    def may(self, scope: Scope) -> bool:
        """Whether the key carries the scope; admin implies all, commands implies read and say."""
        if Scope.ADMIN in self.scopes or scope in self.scopes:
            return True
        return scope in (Scope.READ, Scope.SAY) and Scope.COMMANDS in self.scopes


def hash_of_key(key: str) -> bytes:
    """The digest by which a key is looked up. Keys are 256 random bits, so a plain
    hash is enough.
    """
    return hashlib.sha256(key.encode("utf-8")).digest()


def new_secret(prefix: str, randomness: Randomness) -> str:
    """A fresh key or token of 256 random bits, such as `aiw_…`."""
    return f"{prefix}_{base64.urlsafe_b64encode(randomness(32)).decode().rstrip('=')}"
