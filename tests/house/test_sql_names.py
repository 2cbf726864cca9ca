"""Names in SQL mean what they seem to mean.

`SELECT xid::text AS xid … ORDER BY xid` sorts by the text: PostgreSQL takes a bare name in ORDER BY
for an output column first. `GROUP BY` takes it for an input column first. Where an expression is
named like a column, the name must therefore be qualified in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOT, files

_QUIET = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
_SELECT_LIST = re.compile(r"\bSELECT\b(?:\s+DISTINCT\b)?(.*?)(?:\bFROM\b|\Z)", re.DOTALL)
_KEYS = re.compile(
    r"\b(ORDER|GROUP) BY\b(.*?)(?=\bLIMIT\b|\bFOR\b|\bHAVING\b|\bORDER BY\b|\bUNION\b|\Z)",
    re.DOTALL,
)
_ALIAS = re.compile(r"^(?P<expression>.+?)\s+AS\s+(?P<name>\w+)$", re.DOTALL)
_BARE = re.compile(r"^(?P<name>[a-z_]\w*)(?:\s+(?:ASC|DESC)\b.*)?$", re.DOTALL)
_COLUMN = re.compile(r"^\s+(?:ADD COLUMN )?([a-z_]\w*)\s+[a-z]", re.MULTILINE)


def scopes(sql: str) -> Iterator[str]:
    """The text of each pair of parentheses, and of the whole, with what lies deeper cut out.

    A query and its ORDER BY are in one scope; an aggregate's or a window's ORDER BY is in one that
    has no SELECT, and there a bare name is always an input column.
    """
    stack = [""]
    for character in _QUIET.sub(" ", sql):
        if character == "(":
            stack[-1] += "()"
            stack.append("")
        elif character == ")":
            yield stack.pop()
        else:
            stack[-1] += character
    yield stack[0]


def columns() -> frozenset[str]:
    schema = ROOT / "layers/core/python/aiwebhook/postgres/schema.sql"
    return frozenset(_COLUMN.findall(schema.read_text(encoding="utf-8")))


def ambiguous_names(sql: str, known: frozenset[str]) -> list[str]:
    """Bare sort or group keys that name both a computed output and a column."""
    found: list[str] = []
    for scope in scopes(sql):
        computed: set[str] = set()
        for chosen in _SELECT_LIST.findall(scope):
            for item in chosen.split(","):
                alias = _ALIAS.match(item.strip())
                if alias and alias["expression"].rsplit(".", 1)[-1] != alias["name"]:
                    computed.add(alias["name"])
        for clause, keys in _KEYS.findall(scope):
            for key in keys.split(","):
                bare = _BARE.match(key.strip())
                if bare and bare["name"] in computed & known:
                    found.append(f"{clause} BY {bare['name']}")
    return found


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT a, xid::text AS xid FROM events ORDER BY xid, a", ["ORDER BY xid"]),
        ("SELECT lower(x) AS xid\nFROM e\nORDER BY xid DESC\nLIMIT 1", ["ORDER BY xid"]),
        ("WITH w AS (SELECT -xid AS xid FROM e ORDER BY xid) SELECT 1", ["ORDER BY xid"]),
        ("SELECT xid / 10 AS xid, count(*) AS n FROM e GROUP BY xid", ["GROUP BY xid"]),
        ("SELECT xid::text AS xid FROM events ORDER BY events.xid", []),
        ("SELECT e.xid AS xid FROM events AS e ORDER BY xid", []),
        ("SELECT count(*) AS n FROM events ORDER BY n", []),
        ("SELECT max(xid) AS xid, jsonb_agg(a ORDER BY xid) AS a FROM e", []),
        ("SELECT 'a AS xid' AS b -- c AS xid\nFROM e ORDER BY xid", []),
    ],
)
def test_the_trap_is_told_from_what_looks_like_it(sql: str, found: list[str]) -> None:
    assert ambiguous_names(sql, frozenset({"xid", "a"})) == found


def test_no_statement_sorts_or_groups_by_a_name_that_means_two_things() -> None:
    known = columns()
    assert {"xid", "event_no", "created_at", "status"} <= known
    trapped = [
        f"{name}: {key}"
        for name in files()
        if name.endswith(".sql")
        for key in ambiguous_names((ROOT / name).read_text(encoding="utf-8"), known)
    ]
    assert not trapped, "\n".join(["qualify the name: table.column", *trapped])
