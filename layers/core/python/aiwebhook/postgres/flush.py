"""Statements as values, and how they run: several in one flush cost one round trip, and outside a
transaction form one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, LiteralString, TypeVar

import psycopg
from psycopg.pq.abc import PGresult
from psycopg.rows import RowMaker

from aiwebhook.ports.authenticator import StaleKeyCheck
from aiwebhook.postgres.pipe import Pipe
from aiwebhook.postgres.rows import row_maker, value_maker
from aiwebhook.postgres.statements import numbered, statement

Params = Mapping[str, object]
Row = TypeVar("Row")
Value = TypeVar("Value")
Taken = TypeVar("Taken")
_STALE_KEY_CHECK = "stale key check"  # the text that recheck_key.sql fails to cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Taken]):
    """A statement with its parameters, and what to return of its result. `row` is a frozen class
    whose fields are the statement's columns.
    """

    name: str
    params: Params
    take: Callable[[Pipe, PGresult], Taken]

    @staticmethod
    def row(name: str, params: Params, row: type[Row]) -> Call[Row | None]:
        """The first row, or None."""
        return Call(name=name, params=params, take=partial(_row, row))

    @staticmethod
    def rows(name: str, params: Params, row: type[Row]) -> Call[list[Row]]:
        """All rows."""
        return Call(name=name, params=params, take=partial(_rows, row))

    @staticmethod
    def value(name: str, params: Params, kind: type[Value]) -> Call[Value | None]:
        """The one column of the first row, a `kind` or null; None also if there is no row."""
        return Call(name=name, params=params, take=partial(_value, kind))

    @staticmethod
    def values(name: str, params: Params, kind: type[Value]) -> Call[list[Value | None]]:
        """The one column of all rows."""
        return Call(name=name, params=params, take=partial(_values, kind))

    @staticmethod
    def run(name: str, params: Params) -> Call[int]:
        """The number of rows affected."""
        return Call(name=name, params=params, take=_affected)


def _rows(row: type[Row], pipe: Pipe, result: PGresult) -> list[Row]:
    return pipe.rows(result, row_maker(row, result))


def _row(row: type[Row], pipe: Pipe, result: PGresult) -> Row | None:
    return pipe.first(result, row_maker(row, result))


def _values(kind: type[Value], pipe: Pipe, result: PGresult) -> list[Value | None]:
    return pipe.rows(result, value_maker(kind))


def _value(kind: type[Value], pipe: Pipe, result: PGresult) -> Value | None:
    make: RowMaker[Value | None] = value_maker(kind)
    value: Value | None = pipe.first(result, make)
    return value


def _affected(_pipe: Pipe, result: PGresult) -> int:
    return result.command_tuples or 0


def flush(
    pipe: Pipe, calls: Sequence[Call[Any]], *, due: Sequence[LiteralString] = ()
) -> list[Any]:
    """Run `calls` in order, after the `due` statements of the surrounding transaction; returns
    their results. Each sees what was committed when it began. Outside a transaction they form one:
    the first to fail rolls all back, and its error is raised.
    """
    sent: list[tuple[bytes, list[object]]] = []
    for call in calls:
        text, names = numbered(statement(call.name))
        sent.append((text, [call.params[name] for name in names]))
    try:
        results = pipe.exchange(due, sent)
    except psycopg.Error as failure:
        if _STALE_KEY_CHECK in str(failure):
            raise StaleKeyCheck from failure
        raise
    return [call.take(pipe, result) for call, result in zip(calls, results, strict=True)]


@dataclass(slots=True, kw_only=True, eq=False)
class Later(Generic[Row]):
    """The first row of a statement that runs in the flush of others: ahead of them, or `behind`."""

    call: Call[Row | None]
    run: Callable[[], None]
    """Runs it now, if no other statement has taken it along."""
    waiting: list[Later[Any]]
    """The statements waiting to run; this one is among them until it has run."""
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
