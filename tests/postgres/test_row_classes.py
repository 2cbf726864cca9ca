"""What a store reads is a class whose fields are the columns of its statement: by name, type and
nullability, as PostgreSQL describes the prepared statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from importlib import import_module
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import psycopg
import pytest
from psycopg.pq.abc import PGresult

from aiwebhook.postgres.pipe import Pipe
from aiwebhook.postgres.rows import row_maker, value_maker
from aiwebhook.postgres.statements import statement
from tests.support.store_calls import StoreCall, store_calls

_PARAMETER = re.compile(r"%%|%\((\w+)\)s")
_FLOATS = frozenset({"wait_s", "silent_wait_s"})
"""Parameters whose type a statement leaves open: `make_interval(secs => …)` takes no text."""
_TYPES: Mapping[str, frozenset[type]] = {
    "text": frozenset({str}),
    "boolean": frozenset({bool}),
    "smallint": frozenset({int}),
    "integer": frozenset({int}),
    "bigint": frozenset({int}),
    "double precision": frozenset({float}),
    "bytea": frozenset({bytes}),
    "timestamp with time zone": frozenset({datetime}),
    "text[]": frozenset({Sequence, list}),
    "jsonb": frozenset({dict, list, Sequence, Mapping, str, int, float, bool}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    name: str
    type: str
    nullable: bool
    """That it is a column of a table which may hold null; False of an expression says nothing."""


def describe(connection: psycopg.Connection[Any], sql: str) -> list[Column]:
    """The columns of a statement's result, without running it."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if match[1] not in names:
            names.append(match[1])
        cast = "::float8" if match[1] in _FLOATS else ""
        return f"${names.index(match[1]) + 1}{cast}"

    prepared = connection.pgconn.prepare(b"described", _PARAMETER.sub(number, sql).encode())
    assert prepared.status == psycopg.pq.ExecStatus.COMMAND_OK, prepared.error_message.decode()
    result = connection.pgconn.describe_prepared(b"described")
    connection.execute("DEALLOCATE described")
    return [
        Column(
            name=(result.fname(place) or b"").decode(),
            type=_type_name(connection, result.ftype(place)),
            nullable=_nullable(connection, result.ftable(place), result.ftablecol(place)),
        )
        for place in range(result.nfields)
    ]


def _type_name(connection: psycopg.Connection[Any], oid: int) -> str:
    row = connection.execute("SELECT format_type(%s, NULL)", (oid,)).fetchone()
    assert row is not None
    return str(row[0])


def _nullable(connection: psycopg.Connection[Any], table: int, column: int) -> bool:
    row = connection.execute(
        "SELECT NOT attnotnull FROM pg_attribute WHERE attrelid = %s AND attnum = %s",
        (table, column),
    ).fetchone()
    return row is not None and bool(row[0])


def differences(columns: Sequence[Column], kind: type) -> Iterator[str]:
    """Where the class is not what the statement returns."""
    assert is_dataclass(kind), kind
    assert kind.__setattr__ is not object.__setattr__, f"{kind} is not frozen"
    hints = get_type_hints(kind)
    names = {field.name for field in fields(kind)}
    for column in columns:
        if column.name not in names:
            yield f"{column.name} is no field"
        else:
            yield from _unlike(column, hints[column.name])
    yield from (f"{name} is no column" for name in sorted(names - {c.name for c in columns}))


def _unlike(column: Column, hint: object) -> Iterator[str]:
    kinds = set(get_args(hint)) if isinstance(hint, UnionType) else {hint}
    optional = bool(kinds & {NoneType, Any})
    plain = {get_origin(one) or one for one in kinds - {NoneType}}
    if plain - _TYPES[column.type] - {Any}:
        yield f"{column.name} is {column.type}, not {hint}"
    if column.nullable and not optional:
        yield f"{column.name} may be null"


def kind_of(call: StoreCall) -> type:
    """The class that a call reads rows as."""
    module = import_module(f"aiwebhook.postgres.{call.module}")
    builtin: Mapping[str, type] = {"int": int, "str": str, "bool": bool}
    return builtin.get(str(call.kind)) or getattr(module, str(call.kind))


# A column that may be null, and is not where the statement looks at it: why.
NEVER_NULL_HERE = {
    ("heartbeat", "lease_until"): "the beat has just set it",
    ("attempt_outcome", "status"): "whatever ends an attempt says what it led to",
    ("people_of_handle", "code_salt"): "a sign-in code has its handle, salt and hash together",
    ("people_of_handle", "code_hash"): "a sign-in code has its handle, salt and hash together",
}


@pytest.mark.req("T1")
def test_every_statement_returns_the_fields_of_its_class(database: str) -> None:
    wrong: list[str] = []
    with psycopg.connect(database, autocommit=True) as connection:
        for call in store_calls():
            if call.kind is None:
                continue
            columns = describe(connection, statement(call.statement))
            kind = kind_of(call)
            if call.reads in {"value", "values"}:
                (column,) = columns
                found = list(
                    _unlike(Column(name=column.name, type=column.type, nullable=False), kind)
                )
            else:
                found = list(differences(columns, kind))
            wrong += [
                f"{call.statement}.sql, {kind.__name__}: {each}"
                for each in found
                if (call.statement, each.split()[0]) not in NEVER_NULL_HERE
            ]
    assert not wrong, "\n".join(wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    key: str
    title: str | None
    size: int


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT 'a' AS key, title, 1 AS size FROM sessions", []),
        (
            "SELECT 'a' AS kee, title, 1 AS size FROM sessions",
            ["kee is no field", "key is no column"],
        ),
        ("SELECT title AS key, title, 1 AS size FROM sessions", ["key may be null"]),
        (
            "SELECT 'a' AS key, title, 1::text AS size FROM sessions",
            ["size is text, not <class 'int'>"],
        ),
        ("SELECT 'a' AS key, title FROM sessions", ["size is no column"]),
    ],
)
def test_a_renamed_column_or_another_type_is_noticed(
    database: str, sql: str, told: list[str]
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        found = describe(connection, sql)
    assert list(differences(found, Stored)) == told


def test_rows_are_made_of_their_class_and_other_columns_are_refused(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        pipe = Pipe(connection)

        def result(sql: str) -> PGresult:
            return pipe.exchange((), [(sql.encode(), ())])[0]

        def rows(sql: str) -> list[Stored]:
            return pipe.rows(result(sql), row_maker(Stored, result(sql)))

        assert rows("SELECT 7 AS size, 'a' AS key, NULL::text AS title") == [
            Stored(key="a", title=None, size=7)
        ]
        with pytest.raises(TypeError, match="not the fields of Stored: kee, key"):
            rows("SELECT 7 AS size, 'a' AS kee, NULL::text AS title")
        with pytest.raises(TypeError, match="not the fields of Stored"):
            rows("SELECT 7 AS size, 7 AS size, 'a' AS key, NULL::text AS title")
        assert pipe.first(result("SELECT 7"), value_maker(int)) == 7
        with pytest.raises(TypeError, match="not int but str"):
            pipe.first(result("SELECT '7'"), value_maker(int))
