"""Several statements in one flush: one round trip, and outside of a transaction one commit."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus
from psycopg.rows import RowFactory

from aiwebhook.ports.authenticator import StaleKeyCheck
from aiwebhook.postgres.statements import statement

Row = TypeVar("Row")
Taken = TypeVar("Taken")
_failures = itertools.count()
_STALE_KEY_CHECK = "stale key check"  # what recheck_key.sql fails to cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Taken]):
    """A statement, and what is taken of its rows."""

    name: str
    params: Any
    maker: RowFactory[Any]
    take: Callable[[psycopg.Cursor[Any]], Taken]


def flush(connection: psycopg.Connection[Any], calls: Sequence[Call[Any]]) -> list[Any]:
    """Run them in order; what was taken of each. Without a transaction around them they are one:
    the first that fails undoes all, and its error is raised.
    """
    failure: psycopg.Error | None = None
    cursors: list[psycopg.Cursor[Any]] = []
    try:
        with connection.pipeline():
            try:
                for call in calls:
                    cursor = connection.cursor(row_factory=call.maker)
                    cursors.append(cursor)
                    cursor.execute(statement(call.name), call.params)
            except psycopg.Error as exc:
                failure = exc
    except psycopg.Error as exc:  # of those after the first that failed, only that they did not run
        failure = failure or exc
    if failure is None:
        return [call.take(cursor) for call, cursor in zip(calls, cursors, strict=True)]
    if connection.info.transaction_status == TransactionStatus.IDLE:
        # psycopg takes those for prepared whose turn did not come, and looks at this only where it
        # does not know the text.
        text = sql.SQL("DEALLOCATE ALL /* {} */").format(next(_failures))
        connection.execute(text, prepare=False)
    if _STALE_KEY_CHECK in str(failure):
        raise StaleKeyCheck from failure
    raise failure


@dataclass(slots=True, kw_only=True, eq=False)
class Later(Generic[Row]):
    """The first row of a statement that goes along with another one."""

    call: Call[Row | None]
    run: Callable[[], None]
    """Now, if nothing took it along."""
    waiting: list[Later[Any]]
    """What has not run; it is one of them until it has."""
    taken: Row | None = None

    def only(self) -> Row:
        """The one row of a statement that always has one; runs it if it has not run."""
        if self in self.waiting:
            self.run()
        if self.taken is None:
            raise AssertionError(f"{self.call.name}.sql has one row")
        return self.taken

    def drop(self) -> None:
        """It need not run any more."""
        if self in self.waiting:
            self.waiting.remove(self)
