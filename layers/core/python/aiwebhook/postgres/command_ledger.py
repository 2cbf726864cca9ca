"""How commands write to Postgres: envelope, idempotency, retries after lost races, settling."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from psycopg import Error
from psycopg import errors as pg
from psycopg.types.json import Jsonb

from aiwebhook.domain.idempotency import KEY_LIFE_S
from aiwebhook.errors import Conflict, Unavailable
from aiwebhook.ports.command_rows import (
    Change,
    Collision,
    Json,
    KeyTaken,
    NewsMode,
    Settlement,
    StoredOutcome,
    Written,
)
from aiwebhook.ports.news_rows import Settled
from aiwebhook.postgres.announcing import PostgresAnnouncing
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call
from aiwebhook.postgres.news_rows import (
    FoundNews,
    NewsFoundRow,
    NewsLookedForRow,
    SettledRow,
    look_params,
    settle_params,
)

Done = TypeVar("Done")
Row = TypeVar("Row")
_WAITED_FOR_EACH_OTHER = (pg.DeadlockDetected, pg.SerializationFailure)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OutcomeRow:
    fingerprint: bytes
    request_id: str
    session_id: str | None
    data: Json | None
    cursor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _LockedRow:
    session_id: str


class PostgresLedger(PostgresAnnouncing):
    """The `Ledger` port, and `_write` for the stores built on it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._announced = False

    @contextmanager
    def transaction(self) -> Generator[None]:
        """A savepoint within `atomically`."""
        with self._database.transaction():
            yield

    def atomically(self, work: Callable[[], Done]) -> Done:
        """Run `work` in one transaction; of two writers that deadlock, the one rolled back runs
        again. Raises Collision after the last try.
        """

        def whole() -> Done:
            with self._database.transaction():
                return work()

        return self._again(whole)

    def lock_sessions(self, *, project_id: str, session_ids: Sequence[str]) -> None:
        """Keep other writers out of these sessions until the transaction ends."""
        try:
            self._database.together(self._lock_sessions(project_id, session_ids))
        except pg.LockNotAvailable as exc:
            raise _busy(None) from exc

    def _lock_sessions(self, project_id: str, session_ids: Sequence[str]) -> Call[Any]:
        params = {"project_id": project_id, "session_ids": list(session_ids)}
        return Call.row("lock_sessions", params, _LockedRow)

    def reserve_key(self, change: Change) -> None:
        """Take the idempotency key; waits while the same key is in flight."""
        try:
            self._database.run("reserve_key", envelope(change))
        except pg.UniqueViolation as exc:
            raise KeyTaken("This idempotency key was used before.") from exc
        except pg.LockNotAvailable as exc:
            raise _busy(change) from exc

    def keep_outcome(self, change: Change, written: Written) -> None:
        """Store the outcome under the reserved key."""
        outcome = {
            "session_id": change.session_id or None,
            "data": written.data,
            "cursor": written.cursor,
        }
        self._database.run("keep_outcome", {**envelope(change), "outcome": Jsonb(outcome)})

    def find_outcome(
        self, *, project_id: str, key: str, valid_s: int = KEY_LIFE_S
    ) -> StoredOutcome | None:
        """The outcome stored under this key in the last `valid_s` seconds."""
        params = {"project_id": project_id, "key": key, "valid_s": valid_s}
        row = self._database.row("find_outcome", params, _OutcomeRow)
        if row is None:
            return None
        return StoredOutcome(
            fingerprint=row.fingerprint,
            request_id=row.request_id,
            session_id=row.session_id,
            data=row.data or {},
            cursor=row.cursor,
        )

    def refuse_earlier_tries(self, change: Change) -> bool:
        """After a refusal: make earlier tries of this key take no effect. False: one of them
        already has, or another write holds the key.
        """
        return self._database.run("refuse_earlier_tries", envelope(change)) == 1

    def free_key(self, change: Change) -> None:
        """Delete the key if it has expired, or if it only keeps earlier tries
        from taking effect.
        """
        self._database.run("free_key", envelope(change))

    def run_ahead(self) -> None:
        """Run now what was waiting to go along with the next statement."""
        self._database.run_ahead()

    def find_news(self, settlement: Settlement, *, behind: bool = False) -> FoundNews:
        """Read the reply's news along with the next statement, ahead of it or `behind` it; of news
        that is counted, only whether there is any.
        """
        self._announced = False
        if settlement.news_mode is NewsMode.COUNTED:
            return self._look_for_news(settlement, behind=behind)
        news = self._database.along(
            "find_news", settle_params(settlement, changed=False), NewsFoundRow, behind=behind
        )
        return FoundNews(asked=settlement, news=news)

    def _look_for_news(self, settlement: Settlement, *, behind: bool) -> FoundNews:
        news = self._database.along(
            "look_for_news", look_params(settlement), NewsLookedForRow, behind=behind
        )
        return FoundNews(asked=settlement, news=news)

    def settle(self, settlement: Settlement) -> Settled:
        """Delete pushed outbox rows, notify readers, take the news."""
        changed = settlement.changed and not self._announced
        self._announced = False
        if settlement.found is not None:
            settled = settlement.found.suffices(settlement, changed=changed)
            if settled is not None:
                return settled
        params = settle_params(settlement, changed=changed)
        try:
            row = self._database.only("settle", params, SettledRow)
        except Error as exc:
            # The session may be deleted, or locked: nothing here is worth failing the reply for.
            raise Unavailable("Settling did not succeed.", code="not_settled") from exc
        return row.read()

    def _write(
        self,
        name: str,
        change: Change,
        params: Mapping[str, object],
        row: type[Row],
        *,
        locks: Sequence[Call[Any]] = (),
    ) -> Row | None:
        """Run a write statement; `locks` run before it.

        A unique violation outside the idempotency key means that the statement's snapshot was
        older than the lock it waited for. With the session locked the snapshot is fresh, and
        the guard decides.
        """
        call = Call.row(name, {**envelope(change), **params}, row)
        try:
            return self._write_once(call, locks)
        except pg.UniqueViolation as exc:
            self._explain(exc, locked=bool(locks))
        except pg.LockNotAvailable as exc:
            raise _busy(change) from exc
        except _WAITED_FOR_EACH_OTHER as exc:
            if self._database.in_transaction:
                raise
            raise _collision() from exc
        return self._write(name, change, params, row, locks=(self._lock_session(change),))

    def _lock_session(self, change: Change) -> Call[Any]:
        return self._lock_sessions(change.project_id, [change.session_id])

    def _explain(self, exc: pg.UniqueViolation, *, locked: bool) -> None:
        """Returns if another try with the session locked may help. Raises KeyTaken, Conflict."""
        if exc.diag.constraint_name == "idempotency_keys_pkey":
            raise KeyTaken("This idempotency key was used before.") from exc
        if locked or self._database.in_transaction:
            raise Conflict("Another write is using the same id.", code="already_exists") from exc

    def _write_once(self, call: Call[Row | None], locks: Sequence[Call[Any]]) -> Row | None:
        """Run the write in the open transaction, whose commit announces it, or in one
        of its own.
        """
        if self._database.in_transaction:
            *_, found = self._database.together(*locks, call)
            return found
        *_, found, announced = self._database.together(*locks, call, self._announce)
        self._announced = announced.notified is not None
        return found

    def _again(self, work: Callable[[], Done]) -> Done:
        """`Database.retrying`, raising Collision if writers deadlocked at every try.

        Runs lock tasks before sessions; batches lock in the order of their items. Within a
        transaction the database's own error is raised to the code that began it.
        """
        within = self._database.in_transaction
        try:
            return self._database.retrying(work)
        except _WAITED_FOR_EACH_OTHER as exc:
            if within:
                raise
            raise _collision() from exc


def _collision() -> Collision:
    return Collision("Two writes waited for each other.")


def _busy(change: Change | None) -> Conflict | Unavailable:
    """The error for a lock not obtained in time: with a key, most likely the same request
    is in progress.
    """
    if change is not None and change.idempotency is not None:
        return Conflict(
            "A request with the same idempotency key is still under way.",
            code="idempotency_in_flight",
        )
    return Unavailable(
        "The session is busy with a long write.",
        code="session_busy",
    )


def envelope(change: Change) -> dict[str, object]:
    """The parameters that every write has."""
    key = change.idempotency
    return {
        "project_id": change.project_id,
        "session_id": change.session_id,
        "request_id": change.request_id,
        "correlation_id": change.correlation_id,
        "idempotency_key": None if key is None else key.key,
        "fingerprint": None if key is None else key.fingerprint,
        "arrived_at": None if key is None else key.arrived_at,
        "valid_s": None if key is None else key.valid_s,
    }
