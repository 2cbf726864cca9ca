"""Port for `admit`: is this API key known, and does its rate limit allow one more request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What the store knows of a key, and whether its bucket gave a token. Tokens are asked of good
    keys only. Of an access token: what it knows of its connection, whose id is `key_id`.
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
    """Left in the bucket and with this process."""
    leased: float
    """Of them, those that this process took along."""
    person_id: str | None
    """Whose connection it is; None for an API key."""
    resource: str | None
    """What an access token is good for; None for an API key."""


class NotAsPresumed(Exception):
    """A key is not what this process took it for, or has no token here. Nothing was done: what ran
    in the same transaction is undone.
    """


class Readmission(Protocol):
    """A key that is presumed to be what it was; the check goes along with the next statement."""

    @property
    def presumed(self) -> Admission:
        """As it was the last time."""
        ...

    def confirmed(self) -> Admission:
        """As it is. Runs the check now if no statement has taken it along. Raises NotAsPresumed."""
        ...

    def drop(self) -> None:
        """Forget a check that has not run."""
        ...


class Gate(Protocol):
    """All methods raise Unavailable when the store is away."""

    def admit(self, *, key_hash: bytes, address: str | None) -> Admission | None:
        """Look the key or access token up and take a token of its bucket, in one statement. None:
        neither is known.
        """
        ...

    def readmit(self, *, key_hash: bytes, address: str | None) -> Readmission | None:
        """The same for a key that this process has let in before and has tokens of, without a
        round trip of its own. None: ask `admit`.
        """
        ...
