"""Builds the rows of a statement: objects of one class whose fields are its columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar, cast

from psycopg.pq.abc import PGresult
from psycopg.rows import RowMaker

Row = TypeVar("Row")
Value = TypeVar("Value")


def row_maker(row: type[Row], result: PGresult) -> RowMaker[Row]:
    """Builds the rows of a result: objects of a frozen dataclass with slots. Raises TypeError when
    its fields are not exactly the columns returned.
    """
    return _maker(row, tuple(result.fname(place) for place in range(result.nfields)))


@cache
def value_maker(kind: type[Value]) -> RowMaker[Value | None]:
    """Builds the values of a result of one column, a `kind` or null. Raises TypeError for
    any other column.
    """

    def make(values: Sequence[Any]) -> Value | None:
        (value,) = values
        if value is not None and not isinstance(value, kind):
            raise TypeError(f"The column is not {kind.__name__} but {type(value).__name__}.")
        return value

    return make


@cache
def _maker(row: type[Row], columns: tuple[bytes | None, ...]) -> RowMaker[Row]:
    """Writes the slots of a new object directly: `row(**columns)` of a frozen class takes three
    times as long; this takes as long as building a dict.
    """
    names = [(column or b"").decode() for column in columns]
    known = {field.name for field in fields(cast("Any", row))}
    if set(names) != known or len(names) != len(known):
        differing = ", ".join(sorted(set(names) ^ known) or names)
        raise TypeError(f"The columns are not the fields of {row.__name__}: {differing}.")
    setters: list[Callable[[object, object], None]] = [getattr(row, name).__set__ for name in names]

    def make(values: Sequence[Any]) -> Row:
        made = object.__new__(row)
        for put, value in zip(setters, values, strict=True):
            put(made, value)
        return made

    return make
