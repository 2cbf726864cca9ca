"""The `Gate` port on Postgres."""

from __future__ import annotations

from dataclasses import dataclass, replace

from psycopg.errors import LockNotAvailable

from aiwebhook.domain.identity import BURST, LEASED_MOST, LEASED_SHARE, RATE_PER_MINUTE
from aiwebhook.errors import Unavailable
from aiwebhook.ids import new_id
from aiwebhook.ports.gate import Admission
from aiwebhook.postgres.database import Database, Later

_KEYS = 1_000  # that a process remembers; then it begins anew


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadmittedRow:
    admitted: bool
    rate_per_minute: int
    burst: int
    leased: float
    tokens: float


class PostgresGate:
    """API keys, access tokens and their token buckets."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._process = new_id("proc")
        self._seen: dict[bytes, Admission] = {}

    def admit(self, *, key_hash: bytes, address: str | None) -> Admission | None:
        """Look the key up and take a token.

        A connection that died while the process slept is found here, and replaced once. Repeating
        costs at most a token.
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
            found = self._database.row("admit", params, Admission)
        except Unavailable:
            found = self._database.row("admit", params, Admission)
        except LockNotAvailable as exc:
            raise Unavailable("Too many requests with this key at once.", code="key_busy") from exc
        if found is not None:
            self.note(key_hash, found)
        return found

    def readmit(self, *, key_hash: bytes, address: str | None) -> PostgresReadmission | None:
        """For a key that this process has let in before and has tokens of."""
        presumed = self._seen.get(key_hash)
        if presumed is None or presumed.leased < 1 or not self._database.warm:
            return None
        params = {
            "key_hash": key_hash,
            "address": address,
            "key_id": presumed.key_id,
            "project_id": presumed.project_id,
            "scopes": list(presumed.scopes),
            "connection_rate": RATE_PER_MINUTE,
            "connection_burst": BURST,
            "process": self._process,
        }
        check = self._database.ahead("readmit", params, _ReadmittedRow)
        return PostgresReadmission(gate=self, key_hash=key_hash, presumed=presumed, check=check)

    def note(self, key_hash: bytes, admission: Admission) -> None:
        """What the next visit may presume."""
        if len(self._seen) >= _KEYS:
            self._seen.clear()
        self._seen[key_hash] = admission


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresReadmission:
    """The check of one request."""

    gate: PostgresGate
    key_hash: bytes
    presumed: Admission
    check: Later[_ReadmittedRow]

    def confirmed(self) -> Admission:
        """As the key is. Raises NotAsPresumed."""
        row = self.check.only()
        admission = replace(
            self.presumed,
            rate_per_minute=row.rate_per_minute,
            burst=row.burst,
            granted=True,
            tokens=row.tokens,
            leased=row.leased,
        )
        self.gate.note(self.key_hash, admission)
        return admission

    def drop(self) -> None:
        """Forget a check that has not run."""
        self.check.drop()
