"""Ports of the OAuth server: what it keeps, and how it reads a client's document."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from aiwebhook.domain.oauth import CodeGrant, RefreshGrant
from aiwebhook.domain.oauth_client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRow:
    """Somebody whom a sign-in code may belong to."""

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


class OAuthStore(Protocol):
    """All methods raise Unavailable when the store is away."""

    def take_door_token(self, subject: str, *, burst: int, per_hour: int) -> bool:
        """Take one token of the subject's bucket; False when it is empty."""
        ...

    def people_of_handle(self, handle: str) -> Sequence[SignInRow]:
        """Whom a sign-in code may belong to, by its first part; one but for a rare coincidence."""
        ...

    def register_client(self, client: Client, *, most: int) -> bool:
        """Keep it; False when there are `most` already."""
        ...

    def find_client(self, client_id: str) -> Client | None:
        """A client that registered itself."""
        ...

    def create_connection(self, connection: NewConnection) -> None:
        """Keep it, with an audit entry."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """What is found within is locked until its end."""
        ...

    def connection_of_code(self, code_hash: bytes) -> CodeGrant | None:
        """What an authorization code stands for."""
        ...

    def connection_of_refresh_token(self, token_hash: bytes) -> RefreshGrant | None:
        """What a refresh token stands for."""
        ...

    def issue_tokens(self, tokens: NewTokens) -> bool:
        """Keep them; False when the connection has ended."""
        ...

    def end_connection(self, connection_id: str, *, reason: str) -> None:
        """End it and all its tokens at once, with an audit entry."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDocument:
    """Why there is no document; `reason` is a sentence for people."""

    reason: str


class DocumentReader(Protocol):
    """Reads a document that a stranger named. Never raises for what the stranger does."""

    def read(self, url: str, *, limit: int) -> bytes | NoDocument:
        """At most `limit` bytes, from a public address, in a few seconds, without redirects."""
        ...
