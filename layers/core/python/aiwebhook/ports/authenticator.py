"""Port for authentication: whether a key or access token is valid and within its rate limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """What the store knows of a key, and whether its rate limit `granted` this request; only
    a valid key's bucket is touched. For an access token: the same of its connection, whose
    id is `key_id`.
    """

    key_id: str
    project_id: str
    scopes: Sequence[str]
    rate_per_minute: int
    burst: int
    revoked: bool
    expired: bool
    address_allowed: bool
    granted: bool
    tokens: float
    """Tokens left: in the bucket, and leased to this process."""
    leased: float
    """How many of `tokens` are leased to this process."""
    person_id: str | None
    """Whose connection it is; None for an API key."""
    resource: str | None
    """The URL an access token was issued for; None for an API key."""


class StaleKeyCheck(Exception):
    """The key has changed since this process cached its check, or no leased token is left. The
    transaction was rolled back: nothing was done.
    """


class KeyRecheck(Protocol):
    """A pending check of a key against its `cached` one, sent together with the next statement."""

    @property
    def cached(self) -> KeyCheck:
        """The result of its last check."""
        ...

    def confirmed(self) -> KeyCheck:
        """The result of this check; runs it now if no statement did. Raises StaleKeyCheck."""
        ...

    def drop(self) -> None:
        """Discard the check if it has not run."""
        ...


class Authenticator(Protocol):
    """All methods raise Unavailable when the store is away."""

    def check_key(self, *, key_hash: bytes, address: str | None) -> KeyCheck | None:
        """Look up the key or access token, and take a token of its bucket, in one statement. None:
        it is unknown.
        """
        ...

    def recheck_key(self, *, key_hash: bytes, address: str | None) -> KeyRecheck | None:
        """The same without a round trip of its own, for a key whose last check is cached and that
        has leased tokens here. None: call `check_key`.
        """
        ...
