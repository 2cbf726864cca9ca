"""The `Authenticator` port on Postgres."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.errors import LockNotAvailable

from aiwebhook.domain.identity import BURST, LEASED_MOST, LEASED_SHARE, RATE_PER_MINUTE
from aiwebhook.errors import Unavailable
from aiwebhook.ids import new_id
from aiwebhook.ports.authenticator import KeyCheck
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Later, Params

_KEYS = 1_000  # cached per process; all are dropped at the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class _RecheckedRow:
    good: bool
    rate_per_minute: int
    burst: int
    leased: float
    tokens: float


class PostgresAuthenticator:
    """API keys, access tokens and their token buckets."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._process = new_id("proc")
        self._seen: dict[bytes, KeyCheck] = {}

    def check_key(self, *, key_hash: bytes, address: str | None) -> KeyCheck | None:
        """Look up the key and take a token from its bucket.

        A connection that died while the process was frozen is discovered by the first statement of
        a request; it is repeated once on a new connection, at the cost of one extra token at most.
        """
        params = {
            "key_hash": key_hash,
            "address": address,
            "connection_rate": RATE_PER_MINUTE,
            "connection_burst": BURST,
            "process": self._process,
            "leased_share": LEASED_SHARE,
            "leased_most": LEASED_MOST,
        }
        try:
            found = self._database.row("check_key", params, KeyCheck)
        except LockNotAvailable as exc:
            raise Unavailable("Too many requests with this key at once.", code="key_busy") from exc
        except Unavailable:
            found = self._database.row("check_key", params, KeyCheck)
        if found is not None:
            self.note(key_hash, found)
        return found

    def recheck_key(self, *, key_hash: bytes, address: str | None) -> PostgresKeyRecheck | None:
        """A pending check for a key that is cached and has leased tokens here;
        None for any other.
        """
        cached = self._seen.get(key_hash)
        if cached is None or cached.leased < 1 or not self._database.warm:
            return None
        params = {
            "key_hash": key_hash,
            "address": address,
            "key_id": cached.key_id,
            "project_id": cached.project_id,
            "scope": " ".join(cached.scopes),
            "connection_rate": RATE_PER_MINUTE,
            "connection_burst": BURST,
            "process": self._process,
        }
        if cached.person_id is None:
            check = self._database.along("recheck_key", params, _RecheckedRow)
        else:
            check = self._recheck_token(params)
        return PostgresKeyRecheck(authenticator=self, key_hash=key_hash, cached=cached, check=check)

    def _recheck_token(self, params: Params) -> Later[_RecheckedRow]:
        return self._database.along("recheck_token", params, _RecheckedRow)

    def note(self, key_hash: bytes, checked: KeyCheck) -> None:
        """Cache the check for the next request with this key."""
        if len(self._seen) >= _KEYS:
            self._seen.clear()
        self._seen[key_hash] = checked


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresKeyRecheck:
    """The pending check of one request."""

    authenticator: PostgresAuthenticator
    key_hash: bytes
    cached: KeyCheck
    check: Later[_RecheckedRow]

    def confirmed(self) -> KeyCheck:
        """The result of this check. Raises StaleKeyCheck."""
        row, cached = self.check.only(), self.cached
        checked = KeyCheck(
            key_id=cached.key_id,
            project_id=cached.project_id,
            scopes=cached.scopes,
            rate_per_minute=row.rate_per_minute,
            burst=row.burst,
            revoked=False,
            expired=False,
            address_allowed=True,
            granted=True,
            tokens=row.tokens,
            leased=row.leased,
            person_id=cached.person_id,
            resource=cached.resource,
        )
        self.authenticator.note(self.key_hash, checked)
        return checked

    def drop(self) -> None:
        """Discard the check if it has not run."""
        self.check.drop()
