"""Storage of the OAuth server. All methods raise Unavailable when the database is unavailable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import TypeVar

from aiwebhook.domain.oauth import CodeGrant, RefreshGrant
from aiwebhook.domain.oauth_client import OAuthClient
from aiwebhook.errors import Unavailable
from aiwebhook.ports.oauth import NewConnection, NewTokens, SignInRow
from aiwebhook.postgres.database import Database

Taken = TypeVar("Taken")


class PostgresOAuthStore:
    """Clients, connections and their tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_door_token(self, subject: str, *, burst: int, per_hour: int) -> bool:
        """Take a token from the subject's bucket; False when it is empty."""
        params = {"subject": subject, "burst": burst, "per_hour": per_hour}
        return self._first(lambda: self._database.run("take_door_token", params)) == 1

    def people_of_handle(self, handle: str) -> Sequence[SignInRow]:
        """People whose sign-in code begins like this; almost always one."""
        return self._database.rows("people_of_handle", {"handle": handle}, SignInRow)

    def register_client(self, client: OAuthClient, *, most: int) -> bool:
        """Store the client; False when there are `most` already."""
        params = {
            "client_id": client.client_id,
            "name": client.name,
            "redirect_uris": list(client.redirect_uris),
            "most": most,
        }
        return self._database.row("register_client", params, OAuthClient) is not None

    def find_client(self, client_id: str) -> OAuthClient | None:
        """A client that registered itself."""
        params = {"client_id": client_id}
        return self._first(lambda: self._database.row("find_client", params, OAuthClient))

    def create_connection(self, connection: NewConnection) -> None:
        """Store the connection, with an audit entry."""
        params = {**asdict(connection), "scopes": list(connection.scopes)}
        self._database.run("create_connection", params)

    def transaction(self) -> AbstractContextManager[None]:
        """Rows found within are locked until it ends."""
        self._database.check()
        return self._database.transaction()

    def connection_of_code(self, code_hash: bytes) -> CodeGrant | None:
        """The connection of an authorization code."""
        return self._database.row("connection_of_code", {"code_hash": code_hash}, CodeGrant)

    def connection_of_refresh_token(self, token_hash: bytes) -> RefreshGrant | None:
        """The connection of a refresh token."""
        params = {"token_hash": token_hash}
        return self._database.row("connection_of_refresh_token", params, RefreshGrant)

    def issue_tokens(self, tokens: NewTokens) -> bool:
        """Store the tokens; False when the connection has ended."""
        return self._database.run("issue_tokens", asdict(tokens)) == 1

    def end_connection(self, connection_id: str, *, reason: str) -> None:
        """End the connection and all its tokens at once, with an audit entry."""
        self._database.run("end_connection", {"connection_id": connection_id, "reason": reason})

    def _first(self, work: Callable[[], Taken]) -> Taken:
        """Run what may be the first statement of a request: a connection that died while the
        process was frozen is discovered here, and replaced once.
        """
        try:
            return work()
        except Unavailable:
            return work()
