"""Each statement run for one of the two projects, undone again, and what could be seen of it."""

# ruff: noqa: S608  reason: the names of tables come from the catalogue

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, LiteralString, cast

import psycopg
from psycopg.rows import dict_row

from tests.properties.two_projects.rows import set_sequences

_GENERATED = re.compile(r"\b(evt|dlv|att|in|ep|task|key|art)_[0-9a-f]{8}-[0-9a-f-]{27}\b")
_MOMENT = re.compile(r"20(2[3-9]|[3-9]\d)-\d\d-\d\d[T ][\d:.]+(\+00:00|Z)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a statement answered and what it left, without what a clock or a sequence gives."""

    answer: str
    left: frozenset[str]


def run(connection: psycopg.Connection[Any], text: str, params: Mapping[str, Any]) -> Seen | str:
    """Run a statement and undo it. What the database refuses is told by the error's name.

    Raises psycopg.Error for a statement that cannot run: a parameter without a value, wrong syntax.
    """
    set_sequences(connection)
    with connection.transaction(force_rollback=True):
        try:
            with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
                cursor.execute(cast(LiteralString, text), params)
                rows = cursor.fetchall() if cursor.description else [{"rows": cursor.rowcount}]
        except psycopg.Error as exc:
            if exc.sqlstate is None or exc.sqlstate.startswith("42"):
                raise
            return type(exc).__name__
        return Seen(answer=_stable(sorted(map(_json, rows))), left=state(connection))


def state(connection: psycopg.Connection[Any]) -> frozenset[str]:
    """All rows of all tables."""
    rows = connection.execute(_all_rows(connection)).fetchall()
    return frozenset(_stable([row[0]]) for row in rows)


@cache
def _all_rows(connection: psycopg.Connection[Any]) -> LiteralString:
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    query = " UNION ALL ".join(
        f"SELECT '{table}' || (to_jsonb(r) - 'xid')::text FROM {table} r" for (table,) in tables
    )
    return cast(LiteralString, query)


def _json(row: Mapping[str, Any]) -> str:
    return json.dumps({k: v for k, v in row.items() if k != "xid"}, default=str, sort_keys=True)


def _stable(texts: Sequence[str]) -> str:
    text = "\n".join(texts)
    text = _GENERATED.sub(r"\1_*", text)
    text = _MOMENT.sub("@", text)
    return re.sub(r"[\d.]+(?=, \"(left|age))", "#", text)
