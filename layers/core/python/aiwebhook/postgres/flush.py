"""Statements as values, and how they run: several in one flush are one round trip, and outside a
transaction one commit.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Generic, LiteralString, TypeVar

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus
from psycopg.rows import RowFactory, tuple_row

from aiwebhook.ports.authenticator import StaleKeyCheck
from aiwebhook.postgres.rows import row_of, value_of
from aiwebhook.postgres.statements import numbered, statement

Params = Mapping[str, object]
Row = TypeVar("Row")
Value = TypeVar("Value")
Taken = TypeVar("Taken")
_FIRST = psycopg.Cursor[Any].fetchone
_ALL = psycopg.Cursor[Any].fetchall
_failures = itertools.count()
_STALE_KEY_CHECK = "stale key check"  # the text that recheck_key.sql fails to cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Taken]):
    """A statement with its parameters, and which of its rows are read. A `row` is a frozen class
    with the statement's columns as fields.
    """

    name: str
    params: Params
    maker: RowFactory[Any]
    take: Callable[[psycopg.Cursor[Any]], Taken]

    @staticmethod
    def row(name: str, params: Params, row: type[Row]) -> Call[Row | None]:
        """The first row, or None."""
        return Call(name=name, params=params, maker=row_of(row), take=_FIRST)

    @staticmethod
    def rows(name: str, params: Params, row: type[Row]) -> Call[list[Row]]:
        """All rows."""
        return Call(name=name, params=params, maker=row_of(row), take=_ALL)

    @staticmethod
    def value(name: str, params: Params, kind: type[Value]) -> Call[Value | None]:
        """The one column of the first row, a `kind` or null; None also where there is no row."""
        return Call(name=name, params=params, maker=value_of(kind), take=_FIRST)

    @staticmethod
    def values(name: str, params: Params, kind: type[Value]) -> Call[list[Value | None]]:
        """The one column of all rows."""
        return Call(name=name, params=params, maker=value_of(kind), take=_ALL)

    @staticmethod
    def run(name: str, params: Params) -> Call[int]:
        """The number of rows affected."""
        return Call(name=name, params=params, maker=tuple_row, take=lambda cursor: cursor.rowcount)


def flush(
    connection: psycopg.Connection[Any],
    calls: Sequence[Call[Any]],
    *,
    due: Sequence[LiteralString] = (),
) -> list[Any]:
    """Run `calls` in order, after what is `due` of the surrounding transaction; returns their
    results. Each sees what was committed when it began. Without a surrounding transaction they
    form one: the first to fail rolls all back, and its error is raised.
    """
    failure: psycopg.Error | None = None
    cursors: list[psycopg.Cursor[Any]] = []
    # What is sent before the one Sync is one transaction (PostgreSQL, "Pipelining").
    pipeline = connection.pipeline() if len(calls) + len(due) > 1 else nullcontext()
    try:
        with pipeline:
            try:
                for text in due:
                    connection.execute(text, prepare=False)
                for call in calls:
                    cursor = psycopg.RawCursor(connection, row_factory=call.maker)
                    cursors.append(cursor)
                    text, names = numbered(statement(call.name))
                    cursor.execute(text, [call.params[name] for name in names])
            except psycopg.Error as exc:
                failure = exc
    except psycopg.Error as exc:  # later ones only report that they did not run
        failure = failure or exc
    if failure is None:
        return [call.take(cursor) for call, cursor in zip(calls, cursors, strict=True)]
    if len(calls) > 1 and connection.info.transaction_status == TransactionStatus.IDLE:
        forget_prepared(connection)
    if _STALE_KEY_CHECK in str(failure):
        raise StaleKeyCheck from failure
    raise failure


def forget_prepared(connection: psycopg.Connection[Any]) -> None:
    """Drop prepared statements after a failed flush: psycopg takes statements for prepared that
    did not run, and checks only texts it has not seen.
    """
    text = sql.SQL("DEALLOCATE ALL /* {} */").format(next(_failures))
    connection.execute(text, prepare=False)


@dataclass(slots=True, kw_only=True, eq=False)
class Later(Generic[Row]):
    """The first row of a statement that goes along with others: ahead of them, or `behind`."""

    call: Call[Row | None]
    run: Callable[[], None]
    """Runs it now, if nothing took it along."""
    waiting: list[Later[Any]]
    """Statements that have not run; this one is among them until it has."""
    behind: bool = False
    taken: Row | None = None

    def only(self) -> Row:
        """The row of a statement that always has one; runs it if it has not run."""
        if self in self.waiting:
            self.run()
        if self.taken is None:
            raise AssertionError(f"{self.call.name}.sql has one row")
        return self.taken

    def drop(self) -> None:
        """Discard it if it has not run."""
        if self in self.waiting:
            self.waiting.remove(self)
