"""One connection per process (a Lambda handles one request at a time), opened on first use and
replaced when broken.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from aiwebhook.errors import Unavailable
from aiwebhook.postgres.credentials import Credentials, database_away, refused
from aiwebhook.postgres.flush import Call, Later, Params, flush
from aiwebhook.postgres.levels import Levels
from aiwebhook.postgres.locked import RowLocked
from aiwebhook.postgres.pipe import Pipe
from aiwebhook.postgres.restored import PostgresRestoreCheck

Row = TypeVar("Row")
Taken = TypeVar("Taken")
Value = TypeVar("Value")
_TRIES = 5
_WARM_S = 60.0


class Database:
    """Runs statements by name in autocommit; `transaction()` groups several.

    Raises Unavailable when the server is unavailable, naming host, port and remedy, never the
    password; RowLocked when a statement waited too long for a lock. psycopg's own errors
    (UniqueViolation …) pass through: stores know what they mean.
    """

    def __init__(
        self,
        credentials: Callable[[], Credentials],
        *,
        renewed: Callable[[], Iterable[Credentials]] = tuple,
    ) -> None:
        """`credentials` is called for each new connection; `renewed` when the server refused those
        it returned: each result is tried, so that a rotated password is picked up.
        """
        self._credentials = credentials
        self._renewed = renewed
        self._pipe: Pipe | None = None
        self._listening: tuple[int, str] | None = None
        self._retrying = False
        self._used_at = 0.0
        self._along: list[Later[Any]] = []
        self._levels = Levels()

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """The open connection; opens one if there is none."""
        return self.pipe.connection

    @property
    def pipe(self) -> Pipe:
        """The pipe that statements are sent on; opens a connection if there is none."""
        if self._pipe is None or self._pipe.connection.closed:
            self._pipe = Pipe(self._connect())
            self._before_the_first_statement()
        return self._pipe

    def _connect(self) -> psycopg.Connection[Any]:
        credentials = self._credentials()
        try:
            return _open(credentials)
        except psycopg.OperationalError as exc:
            if refused(exc):
                for renewed in self._renewed():
                    with suppress(psycopg.OperationalError):
                        return _open(renewed)
            raise database_away(credentials) from exc

    def _before_the_first_statement(self) -> None:
        """A restore ends every connection, so each new one checks once whether it came
        after a restore.
        """
        try:
            PostgresRestoreCheck(self).adopt_if_restored()
        except BaseException:
            self.close()  # so that the next connection checks again
            raise

    def check(self) -> None:
        """Make sure that the connection is alive, replacing a dead one; one round trip.

        Raises Unavailable.
        """
        try:
            self.connection.execute("SELECT 1")
        except psycopg.OperationalError:
            self.close()
            with self._mapped():
                self.connection.execute("SELECT 1")

    def rows(self, name: str, params: Params, row: type[Row]) -> list[Row]:
        """All rows of the statement; `row` is a frozen class with its columns as fields."""
        return self._taken(Call.rows(name, params, row))

    def row(self, name: str, params: Params, row: type[Row]) -> Row | None:
        """The first row, or None: for a guarded write None means "lost the race"."""
        return self._taken(Call.row(name, params, row))

    def only(self, name: str, params: Params, row: type[Row]) -> Row:
        """The row of a statement that always returns one."""
        found = self.row(name, params, row)
        if found is None:
            raise AssertionError(f"{name}.sql has one row")
        return found

    def value(self, name: str, params: Params, kind: type[Value]) -> Value | None:
        """The one column of the first row, a `kind` or null; None also if there is no row."""
        return self._taken(Call.value(name, params, kind))

    def values(self, name: str, params: Params, kind: type[Value]) -> list[Value]:
        """The one column of all rows, without nulls."""
        found = self._taken(Call.values(name, params, kind))
        return [value for value in found if value is not None]

    def run(self, name: str, params: Params) -> int:
        """Run a statement for its effect; returns the number of rows affected."""
        return self._taken(Call.run(name, params))

    def _taken(self, call: Call[Taken]) -> Taken:
        (taken,) = self.together(call)
        return taken

    def together(self, *calls: Call[Any]) -> list[Any]:
        """Run `calls` in one flush, together with statements that go along: one round trip, and
        outside a transaction one transaction. Returns the results of `calls`.
        """
        ahead = [later for later in self._along if not later.behind]
        behind = [later for later in self._along if later.behind]

        def once() -> list[Any]:
            along = [later.call for later in ahead], [later.call for later in behind]
            with self._mapped():
                pipe = self.pipe
                everything = [*along[0], *calls, *along[1]]
                due = self._levels.due() if self._levels.depth else ()
                return flush(pipe, everything, due=due)

        taken = self.retrying(once)
        self._used_at = time.time()
        ended = len(ahead) + len(calls)
        for later, each in zip([*ahead, *behind], taken[: len(ahead)] + taken[ended:], strict=True):
            later.taken = each
        self._along.clear()
        return taken[len(ahead) : ended]

    def along(
        self, name: str, params: Params, row: type[Row], *, behind: bool = False
    ) -> Later[Row]:
        """Queue a statement to run ahead of the next one, in the same flush and transaction: they
        are rolled back and retried together. `behind`: it runs last, and sees what the others did.
        """
        for stale in [each for each in self._along if each.call.name == name]:
            stale.drop()  # of a request that ran no statement
        later: Later[Row] = Later(
            call=Call.row(name, params, row),
            run=self.run_ahead,
            waiting=self._along,
            behind=behind,
        )
        self._along.append(later)
        return later

    def run_ahead(self) -> None:
        """Run the statements that were waiting to go along with another."""
        if self._along:
            self.together()

    @property
    def warm(self) -> bool:
        """Whether the connection was used recently and is not known to be broken."""
        connection = None if self._pipe is None else self._pipe.connection
        if connection is None or connection.closed or time.time() - self._used_at > _WARM_S:
            return False
        # An idle connection has nothing to read, unless the server closed it or a notification
        # came.
        return not select.select([connection.fileno()], [], [], 0)[0]

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Group statements; nested use is a savepoint. It is begun without a round trip."""
        self.run_ahead()
        with self._mapped():
            pipe, levels = self.pipe, self._levels
        levels.enter()
        try:
            yield
        except BaseException:
            levels.leave(undone=True)
            if levels is self._levels:  # or the connection is gone, and the transaction with it
                self._left(pipe)
            raise
        levels.leave(undone=False)
        if levels is not self._levels:
            raise database_away(self._credentials())
        self._left(pipe)

    def _left(self, pipe: Pipe) -> None:
        """Send what cannot wait for another statement: the commit, or the rollback."""
        failed = pipe.connection.info.transaction_status == TransactionStatus.INERROR
        if self._levels.depth and not failed:
            return
        with self._mapped():
            flush(pipe, (), due=self._levels.due())

    def retrying(
        self,
        work: Callable[[], Taken],
        *,
        lost_by: type[psycopg.Error] = psycopg.errors.DeadlockDetected,
    ) -> Taken:
        """Return what `work` returns: one statement or one transaction. It is retried when it was
        rolled back because of another writer (who may have deleted what it refers to) or by
        `lost_by`, or when a migration changed a type under a prepared statement. Within a
        transaction, or another `retrying`, it runs once: only the whole can be retried. Raises the
        error of the last try.
        """
        if self.in_transaction or self._retrying:
            return work()
        self._retrying = True
        try:
            for _ in range(_TRIES - 1):
                try:
                    return work()
                except (
                    psycopg.errors.DeadlockDetected,
                    psycopg.errors.SerializationFailure,
                    psycopg.errors.ForeignKeyViolation,
                    lost_by,
                ):
                    continue
                except psycopg.errors.FeatureNotSupported:
                    self.close()  # "cached plan must not change result type": now it is gone
            return work()
        finally:
            self._retrying = False

    def wait_for_notice(self, channel: LiteralString, *, timeout_s: float) -> None:
        """Return at the next NOTIFY on `channel`, after `timeout_s` at the latest; possibly early.

        The connection keeps listening: a notification between two calls ends the second at once.
        """
        with self._mapped():
            connection = self.connection
            if self._listening != (id(connection), channel):
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                self._listening = (id(connection), channel)
                return  # Anything before the LISTEN was missed; the caller looks again.
            for _ in connection.notifies(timeout=timeout_s, stop_after=1):
                pass

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, failed ones included."""
        if self._levels.depth:
            return True
        if self._pipe is None or self._pipe.connection.closed:
            return False
        return self._pipe.connection.info.transaction_status != TransactionStatus.IDLE

    def close(self) -> None:
        """Close the connection; the next statement opens a new one."""
        if self._pipe is not None:
            self._pipe.connection.close()
            self._pipe = None
            self._listening = None
            self._levels = Levels()

    @contextmanager
    def _mapped(self) -> Generator[None]:
        try:
            yield
        except psycopg.OperationalError as exc:
            # LockNotAvailable, QueryCanceled and the like come from a healthy connection.
            if exc.sqlstate == "55P03":
                raise RowLocked from exc
            if exc.sqlstate == "57014":
                raise Unavailable(
                    "The database did not answer in time.", code="database_slow"
                ) from exc
            if exc.sqlstate in {"40001", "40P01"}:
                raise
            self.close()
            raise database_away(self._credentials()) from exc


def _open(credentials: Credentials) -> psycopg.Connection[Any]:
    return psycopg.connect(credentials.conninfo(), autocommit=True, prepare_threshold=None)
