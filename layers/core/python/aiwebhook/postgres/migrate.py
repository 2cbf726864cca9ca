"""Brings a database to the current schema: `python -m aiwebhook.postgres.migrate [conninfo]`.

`migrations/NNNN_pre_<what>.sql` run before the new code is live and must suit the old code too;
`NNNN_post_<what>.sql` run after it and may remove what only the old code needed. Each file runs
once, in a transaction of its own; `schema_migrations` keeps the SHA-256 of what ran. A file whose
first line is `-- outside a transaction` runs statement by statement, and again from its beginning
when one of them failed: that is for indexes of tables that grow (CREATE INDEX CONCURRENTLY).
"""

from __future__ import annotations

import argparse
import hashlib
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any, LiteralString, cast

import psycopg

from aiwebhook.errors import ConfigurationError

_FILE_NAME = re.compile(r"(\d{4})_(pre|post)_([a-z0-9_]+)\.sql")
_LOCK = 0x6169776562  # "aiweb": makes concurrent deployments take turns
_ASK_AGAIN_S = 0.2
_OUTSIDE = "-- outside a transaction\n"
_COMMENT = re.compile(r"--[^\n]*")
_OLDEST = 150000
_HISTORY = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version    integer PRIMARY KEY,
        name       text NOT NULL,
        checksum   bytea NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""


class Phase(StrEnum):
    """When a migration runs, relative to the deployment of the code."""

    PRE = "pre"
    """Before it: only adds; the old code keeps working."""
    POST = "post"
    """After it: removes what the old code needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file of migrations/."""

    version: int
    phase: Phase
    name: str
    text: str

    @property
    def checksum(self) -> bytes:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def statements(self) -> tuple[str, ...]:
        """What is sent at once: the whole text, except in a file that runs outside a transaction.
        Such a file must not have a semicolon or a double hyphen within a statement.
        """
        if not self.text.startswith(_OUTSIDE):
            return (self.text,)
        parts = _COMMENT.sub("", self.text).split(";")
        return tuple(part.strip() for part in parts if part.strip())

    @property
    def in_transaction(self) -> bool:
        """Whether the file is applied as a whole or not at all."""
        return not self.text.startswith(_OUTSIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Applied:
    """A row of schema_migrations: what ran, of this release or a newer one."""

    name: str
    checksum: bytes

    @property
    def suits_older_code(self) -> bool:
        """Whether a release that does not know this migration still works with it."""
        match = _FILE_NAME.fullmatch(self.name)
        return match is not None and match[2] == Phase.PRE


def shipped_migrations() -> tuple[Migration, ...]:
    """The migrations of this package, in order."""
    folder = files("aiwebhook.postgres").joinpath("migrations")
    return read_migrations(
        {item.name: item.read_text("utf-8") for item in folder.iterdir() if item.name[0].isdigit()}
    )


def read_migrations(texts: Mapping[str, str]) -> tuple[Migration, ...]:
    """Migrations from file name → text. Raises ConfigurationError on a bad name or a
    number used twice.
    """
    found: dict[int, Migration] = {}
    for name, text in sorted(texts.items()):
        match = _FILE_NAME.fullmatch(name)
        if match is None:
            raise ConfigurationError(
                f"migration {name!r} is not named NNNN_pre_what.sql or NNNN_post_what.sql"
            )
        version = int(match[1])
        if version in found:
            raise ConfigurationError(
                f"migration number {version} is used twice: {found[version].name}, {name}"
            )
        found[version] = Migration(version=version, phase=Phase(match[2]), name=name, text=text)
    return tuple(found[version] for version in sorted(found))


def migrate(
    conninfo: str,
    *,
    phases: Iterable[Phase] = (Phase.PRE, Phase.POST),
    migrations: Sequence[Migration] | None = None,
) -> tuple[str, ...]:
    """Apply what is missing; returns the names of what was applied, in order. Running it
    again does nothing.

    Waits for a migration already running. A migration that cannot get a table's lock within 5 s
    fails rather than make everybody queue behind it: nothing of it is applied; run it again.

    A database that a newer release has migrated is accepted while only its `pre` migrations ran:
    they suit this release, which may have to come back. Raises ConfigurationError when a newer
    release's `post` migration ran, when an applied migration was changed since, or when PostgreSQL
    is older than 15.
    """
    wanted = frozenset(phases)
    known = shipped_migrations() if migrations is None else tuple(migrations)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        if connection.info.server_version < _OLDEST:
            raise ConfigurationError(
                f"PostgreSQL 15 or newer is needed, got {connection.info.server_version}"
            )
        _take_turn(connection)
        connection.execute("SET client_min_messages = warning")
        connection.execute(_HISTORY)
        applied = _applied(connection)
        _refuse_unfit(known, applied)
        return tuple(
            _apply(connection, migration)
            for migration in known
            if migration.version not in applied and migration.phase in wanted
        )


def _applied(connection: psycopg.Connection[Any]) -> dict[int, _Applied]:
    rows = connection.execute("SELECT version, name, checksum FROM schema_migrations").fetchall()
    return {version: _Applied(name=name, checksum=bytes(sum_)) for version, name, sum_ in rows}


def _refuse_unfit(known: Sequence[Migration], applied: Mapping[int, _Applied]) -> None:
    by_version = {migration.version: migration for migration in known}
    for version, found in sorted(applied.items()):
        migration = by_version.get(version)
        if migration is None and not found.suits_older_code:
            raise ConfigurationError(
                f"the database has migration {found.name}, which took away what this version needs",
                remedy="Deploy the version that made it, or a newer one.",
            )
        if migration is not None and migration.checksum != found.checksum:
            raise ConfigurationError(
                f"migration {migration.name} was changed after it had been applied",
                remedy="Put the file back and write the change as a new migration."
                " On a laptop: 'make clean'.",
            )


def _take_turn(connection: psycopg.Connection[Any]) -> None:
    """Wait while another migration runs; the lock is released with the connection. Polled, because
    a statement that waits for a lock holds a snapshot, and CREATE INDEX CONCURRENTLY waits for
    every snapshot: the two would wait for each other.
    """
    ask = "SELECT pg_try_advisory_lock(%s)"
    while connection.execute(ask, (_LOCK,)).fetchone() != (True,):
        time.sleep(_ASK_AGAIN_S)  # noqa: TID251  reason: no event tells of an advisory lock


def _apply(connection: psycopg.Connection[Any], migration: Migration) -> str:
    with connection.transaction() if migration.in_transaction else nullcontext():
        # Nobody may queue behind a concurrent index build that waits.
        lock_timeout = "5s" if migration.in_transaction else "0"
        set_config = "SELECT set_config(%s, %s, %s)"
        connection.execute(set_config, ("lock_timeout", lock_timeout, migration.in_transaction))
        # Building an index may take long.
        connection.execute(set_config, ("statement_timeout", "0", migration.in_transaction))
        for statement in migration.statements:
            # The text is ours, from the package: the only cast besides the one in statements.py.
            connection.execute(cast(LiteralString, statement))
        connection.execute(
            "INSERT INTO schema_migrations (version, name, checksum) VALUES (%s, %s, %s)",
            (migration.version, migration.name, migration.checksum),
        )
    return migration.name


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Without a conninfo, libpq's PG* variables decide."""
    parser = argparse.ArgumentParser(
        prog="python -m aiwebhook.postgres.migrate", description=__doc__
    )
    parser.add_argument("conninfo", nargs="?", default="")
    parser.add_argument(
        "--phase", choices=[*Phase], action="append", help="only this phase (default: both)"
    )
    options = parser.parse_args(arguments)
    phases = [Phase(phase) for phase in options.phase or Phase]
    applied = migrate(options.conninfo, phases=phases)
    print("\n".join(f"applied {name}" for name in applied) or "nothing to do")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
