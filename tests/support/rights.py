"""Which rights a statement needs: PostgreSQL says it, in the parse tree that it prints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from aiwebhook.postgres.grant import Right
from aiwebhook.postgres.statements import numbered, statement

_PERMISSIONS = re.compile(
    r"\{RTEPERMISSIONINFO :relid (\d+) :inh \w+ :requiredPerms (\d+) :checkAsUser 0"
    r" :selectedCols \(b([ \d]*)\) :insertedCols \(b([ \d]*)\) :updatedCols \(b([ \d]*)\)\}"
)
_FUNCTION = re.compile(r":funcid (\d+)")
_NEXT = re.compile(r"nextval\('(\w+)'")
_LAST = re.compile(r"pg_sequence_last_value\('(\w+)'")
_FIRST_ATTRIBUTE = 7
"""Attribute numbers are kept above this, because those of system columns are negative."""
_BITS = {"INSERT": 1, "SELECT": 2, "UPDATE": 4, "DELETE": 8}
ANY = "*"
"""Some column, whichever: to lock rows, or to count them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Relation:
    name: str
    columns: dict[int, str]
    key: str
    """Its first column, which stands for any."""
    defaults: dict[str, str]
    """Column → the expression of its default."""


class Rights:
    """Asks a migrated database, of PostgreSQL 16 or newer."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._printed: list[str] = []
        self._known: dict[str, frozenset[Right]] = {}
        connection.add_notice_handler(
            lambda notice: self._printed.append(notice.message_detail or "")
        )
        connection.execute("SET client_min_messages = log")
        connection.execute("SET log_min_messages = panic")
        connection.execute("SET debug_pretty_print = off")
        connection.execute("SET debug_print_parse = on")
        self._relations = self._all_relations()
        self._functions = self._own_functions()

    def needed_by(self, names: Iterable[str]) -> frozenset[Right]:
        """What a role needs that runs all of these statements, and nothing else."""
        found = {grant for name in names for grant in self.of_statement(name)}
        wildcards = {grant for grant in found if grant.column == ANY}
        exact = found - wildcards
        served = {(grant.relation, grant.privilege) for grant in exact}
        for grant in wildcards:
            if (grant.relation, grant.privilege) not in served:
                key = next(r.key for r in self._relations.values() if r.name == grant.relation)
                exact.add(Right(relation=grant.relation, privilege=grant.privilege, column=key))
        return frozenset(exact)

    def of_statement(self, name: str) -> frozenset[Right]:
        """The same of one; a column may be ANY."""
        if name not in self._known:
            self._known[name] = self._of_statement(name)
        return self._known[name]

    def _of_statement(self, name: str) -> frozenset[Right]:
        text = numbered(statement(name))[0].decode()
        tree = self._tree_of(text)
        found = {*self._read(tree)}
        done: set[int] = set()
        waiting = [text, tree]
        while waiting:
            part = waiting.pop()
            found |= {*_of_sequences(part)}
            for oid in {int(o) for o in _FUNCTION.findall(part)} & self._functions.keys() - done:
                done.add(oid)
                tree = self._functions[oid]
                found |= {*self._read(tree)}
                waiting.append(tree)
        return frozenset(found)

    def _tree_of(self, text: str) -> str:
        self._printed.clear()
        prepared = self._connection.pgconn.prepare(b"", text.encode())
        if prepared.status != psycopg.pq.ExecStatus.COMMAND_OK:
            raise AssertionError(f"{text[:200]}: {prepared.error_message.decode()}")
        return self._last_printed()

    def _last_printed(self) -> str:
        return " ".join(" ".join(self._printed).split())

    def _read(self, tree: str) -> Iterator[Right]:
        for oid, required, selected, inserted, updated in _PERMISSIONS.findall(tree):
            relation, bits = self._relations.get(int(oid)), int(required)
            if relation is None:
                continue  # a catalog, which everybody may read
            for privilege, columns in (
                ("SELECT", selected),
                ("INSERT", inserted),
                ("UPDATE", updated),
            ):
                if bits & _BITS[privilege]:
                    for column in self._columns(relation, columns):
                        yield Right(relation=relation.name, privilege=privilege, column=column)
            if bits & _BITS["DELETE"]:
                yield Right(relation=relation.name, privilege="DELETE")
            if bits & _BITS["INSERT"]:
                given = {*self._columns(relation, inserted)}
                for column, default in relation.defaults.items():
                    if column not in given:
                        yield from _of_sequences(default)

    @staticmethod
    def _columns(relation: _Relation, members: str) -> list[str]:
        numbers = [int(member) - _FIRST_ATTRIBUTE for member in members.split()]
        if not numbers:
            return [ANY]
        if 0 in numbers:  # the whole row
            numbers = [*{*numbers, *(n for n in relation.columns if n > 0)} - {0}]
        return [relation.columns[number] for number in numbers]

    def _all_relations(self) -> dict[int, _Relation]:
        columns: dict[int, dict[int, str]] = {}
        names: dict[int, str] = {}
        defaults: dict[int, dict[str, str]] = {}
        rows = self._connection.execute(
            """
            SELECT c.oid, c.relname, a.attnum, a.attname, pg_get_expr(d.adbin, d.adrelid)
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
            LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
            WHERE c.relkind IN ('r', 'S') AND c.relnamespace = current_schema()::regnamespace
            """
        )
        for oid, name, number, column, default in rows:
            names[oid] = name
            columns.setdefault(oid, {})[number] = column
            if default is not None:
                defaults.setdefault(oid, {})[column] = default
        return {
            oid: _Relation(
                name=name,
                columns=columns[oid],
                key=columns[oid][min(n for n in columns[oid] if n > 0)],
                defaults=defaults.get(oid, {}),
            )
            for oid, name in names.items()
        }

    def _own_functions(self) -> dict[int, str]:
        """Parse tree of what each function of the schema runs."""
        rows = self._connection.execute(
            """
            SELECT p.oid, l.lanname, p.proname, p.pronargs, pg_get_functiondef(p.oid)
            FROM pg_proc p
            JOIN pg_language l ON l.oid = p.prolang
            WHERE p.pronamespace = current_schema()::regnamespace
                AND NOT p.prosecdef  -- those run with the owner's rights
            """
        ).fetchall()
        return {
            oid: self._tree_of_function(language, name, number, definition)
            for oid, language, name, number, definition in rows
        }

    def _tree_of_function(self, language: str, name: str, number: int, definition: str) -> str:
        self._printed.clear()
        if language == "sql":
            self._connection.execute(definition.encode())  # which checks, hence parses, its body
        else:
            call = f"SELECT {name}({', '.join(['NULL'] * number)})"
            self._connection.execute(call.encode())  # its statements are parsed as they run
        return self._last_printed()


def _of_sequences(text: str) -> Iterator[Right]:
    """To read a sequence without the right to is no error for PostgreSQL 18: it answers null."""
    for privilege, pattern in (("USAGE", _NEXT), ("SELECT", _LAST)):
        for name in pattern.findall(text):
            yield Right(relation=name, privilege=privilege)
