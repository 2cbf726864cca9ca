"""Writes grants.toml anew: `python -m tests.support.grants_file`, or `make docs`.

What each function may do follows from the statements that it can reach; the file is committed, so
that a change of it is seen in review, and `tests/postgres/test_grants.py` compares.
"""

from __future__ import annotations

import tempfile
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

import psycopg

from aiwebhook.domain.database_role import DATABASE_FUNCTIONS
from aiwebhook.postgres.grant import PRIVILEGES, Right
from aiwebhook.postgres.migrate import migrate
from aiwebhook_local.postgres import EmbeddedPostgres, PostgresOptions
from tests.support.reach import OWNERS, reached_statements
from tests.support.rights import Rights
from tests.support.store_calls import POSTGRES

FILE = POSTGRES / "grants.toml"
_HEAD = """\
# Who may do what in the database: a role for each function (ADR 0026), table by table and column
# by column; [] is all of it. Made by 'make docs' from the statements that the function can reach:
# review it as a diff. `migrate` gives these rights before a release, and takes others after it.
"""


def derived_grants(connection: psycopg.Connection[object]) -> dict[str, frozenset[Right]]:
    """What each function needs, by its name."""
    rights = Rights(connection)
    return {
        name: rights.needed_by(reached_statements(name) - OWNERS) for name in DATABASE_FUNCTIONS
    }


def as_toml(grants: Mapping[str, Iterable[Right]]) -> str:
    """The text of the file."""
    return _HEAD + "".join(line for name in grants for line in _of_function(name, grants[name]))


def _of_function(name: str, grants: Iterable[Right]) -> Iterator[str]:
    order = [*PRIVILEGES]
    ranked = sorted(grants, key=lambda g: (order.index(g.privilege), g.place))
    for privilege, of_privilege in groupby(ranked, key=lambda g: g.privilege):
        yield f"\n[{name}.{privilege}]\n"
        for relation, group in groupby(of_privilege, key=lambda g: g.relation):
            yield _line(relation, [grant.column for grant in group if grant.column])


def _line(relation: str, columns: list[str]) -> str:
    listed = ", ".join(f'"{column}"' for column in columns)
    line = f"{relation} = [{listed}]\n"
    if len(line) <= 100:
        return line
    wrapped = textwrap.fill(f"{listed},", 96, initial_indent="    ", subsequent_indent="    ")
    return f"{relation} = [\n{wrapped}\n]\n"


def write() -> None:
    """Take a server for a moment, ask it, and write the file."""
    with tempfile.TemporaryDirectory(prefix="aiwebhook-grants-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(PostgresOptions(folder=Path(folder) / "postgres", fast=True))
        server.start()
        try:
            migrate(server.dsn())
            with psycopg.connect(server.dsn(), autocommit=True) as connection:
                text = as_toml(derived_grants(connection))
        finally:
            server.stop()
    if not FILE.exists() or FILE.read_text("utf-8") != text:
        FILE.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
