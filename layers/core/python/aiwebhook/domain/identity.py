"""Who calls: projects, API keys and their scopes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What an API key may do; a key carries one or more."""

    COMMANDS = "commands"
    """Send commands: everything a conversation needs, reading included."""
    READ = "read"
    """Read sessions, tasks, memories, artifacts and events."""
    WORKER = "worker"
    """Claim and run tasks."""
    ADMIN = "admin"
    """Manage keys, endpoints and deliveries; implies the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An authenticated caller. Everything it does happens in `project_id`."""

    project_id: str
    key_id: str
    scopes: frozenset[Scope]

    @property
    def principal(self) -> str:
        """Whose conversations these are, within the project: all of the project's are one
        person's. Never a key: keys rotate.
        """
        return "project"

    def may(self, scope: Scope) -> bool:
        """Whether the key carries the scope; admin implies all, commands implies read."""
        if Scope.ADMIN in self.scopes or scope in self.scopes:
            return True
        return scope is Scope.READ and Scope.COMMANDS in self.scopes


def hash_of_key(key: str) -> bytes:
    """How a key is found again. Keys are 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(key.encode("utf-8")).digest()
