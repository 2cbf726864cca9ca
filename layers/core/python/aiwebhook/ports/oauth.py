"""What the OAuth server stores, and the port to a client's document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRow:
    """A person to whom a sign-in code may belong."""

    person_id: str
    code_salt: bytes
    code_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnection:
    """What a person has just allowed."""

    connection_id: str
    person_id: str
    client_id: str
    client_name: str
    client_host: str
    scopes: Sequence[str]
    resource: str
    redirect_uri: str
    code_challenge: str
    code_hash: bytes
    code_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTokens:
    """A pair of tokens. `replaces`: the refresh token that was shown; None for a code."""

    connection_id: str
    access_hash: bytes
    access_s: int
    refresh_hash: bytes
    refresh_s: int
    replaces: bytes | None


DOCUMENT_S = 5.0
"""Time limit of a read, from the first DNS query on: a person waits for the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDocument:
    """Why there is no document; `reason` is a sentence for people."""

    reason: str


class DocumentReader(Protocol):
    """Reads a document at a stranger's URL. The stranger's faults never raise; Unavailable: the
    request could not be made.
    """

    def read(self, url: str, *, limit: int) -> bytes | NoDocument:
        """At most `limit` bytes, from a public address, in a few seconds, without redirects."""
        ...
