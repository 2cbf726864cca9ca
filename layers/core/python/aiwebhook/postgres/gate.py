"""The `Gate` port on Postgres."""

from __future__ import annotations

from psycopg.errors import LockNotAvailable

from aiwebhook.domain.identity import BURST, RATE_PER_MINUTE
from aiwebhook.errors import Unavailable
from aiwebhook.ports.gate import Admission
from aiwebhook.postgres.database import Database


class PostgresGate:
    """API keys, access tokens and their token buckets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def admit(self, *, key_hash: bytes, address: str | None) -> Admission | None:
        """Look the key up and take a token.

        The first statement of most requests: a connection that died while the process slept is
        found here, and replaced once. Repeating costs at most a token.
        """
        params = {
            "key_hash": key_hash,
            "address": address,
            "connection_rate": RATE_PER_MINUTE,
            "connection_burst": BURST,
        }
        try:
            return self._database.row("admit", params, Admission)
        except Unavailable:
            return self._database.row("admit", params, Admission)
        except LockNotAvailable as exc:
            raise Unavailable("Too many requests with this key at once.", code="key_busy") from exc
