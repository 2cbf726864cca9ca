"""Fixtures: one real Postgres per test run, one fresh database per test.

A test asks for `database` and gets the dsn of its own database, a file copy of a migrated
template, dropped afterwards; `postgres_server` is the server itself (superuser dsn).
"""

import contextlib
import importlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import TupleRow

from aiwebhook_local.postgres import EmbeddedPostgres, PostgresOptions
from tests.support.run_folder import folder_of_this_process, sweep_killed_processes
from tests.support.source_tree import ROOT

_MEMORY = Path("/dev/shm")  # noqa: S108 - our folder in it is made safely (own_folders)
_ROOM_BYTES = 8 * 1024**3
"""What the tests of large tables take, with a margin."""
_TEMPLATE = "template_migrated"
IN_WHEEL = (16, 18)
VERSIONS = ROOT / ".build/postgres/node_modules"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """A running server without fsync; it dies with the test run, also when that is killed.

    `AIWEBHOOK_TEST_POSTGRES` chooses the major version: 18 or 16, and after `make test-postgres`
    15 or 17 as well.
    """
    sweep_killed_processes(_base())
    servers = folder_of_this_process(_base())
    folder = servers / "postgres"
    major = int(os.environ.get("AIWEBHOOK_TEST_POSTGRES", "18"))  # noqa: TID251 - its one reader
    options = PostgresOptions(folder=folder, major=major, fast=True, binaries=_not_in_wheel(major))
    server = EmbeddedPostgres(options)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(servers, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_template(postgres_server: EmbeddedPostgres) -> str:
    """The name of a database with the schema in it and nobody connected to it."""
    with _superuser(postgres_server) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(_TEMPLATE)))
    _migrate(postgres_server.dsn(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """The dsn of a migrated, empty database that belongs to this test alone."""
    name = f"test_{next(_numbers)}"
    with clone(postgres_server, migrated_template, name) as dsn:
        yield dsn


@contextlib.contextmanager
def clone(server: EmbeddedPostgres, template: str, name: str) -> Generator[str]:
    """A database copied from `template` (nobody may be connected to it), dropped at the end."""
    # file_copy: 2 to 9 times quicker than the default wal_log where nothing needs to be durable.
    create = "create database {} template {} strategy file_copy"
    with _superuser(server) as connection:
        connection.execute(sql.SQL(create).format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield server.dsn(name)
    finally:
        # force: a test may leave a listener or a killed process behind.
        drop = "drop database if exists {} with (force)"
        with _superuser(server) as connection:
            connection.execute(sql.SQL(drop).format(sql.Identifier(name)))


def _not_in_wheel(major: int) -> Path | None:
    """What `make test-postgres` installs."""
    return None if major in IN_WHEEL else VERSIONS / f"postgres-{major}" / "native" / "bin"


def _base() -> Path:
    """In memory where there is room: a database is copied and dropped four times as fast there."""
    with contextlib.suppress(OSError):
        if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES:
            return _MEMORY
    return Path(tempfile.gettempdir())


def _superuser(server: EmbeddedPostgres) -> psycopg.Connection[TupleRow]:
    return psycopg.connect(server.dsn(), autocommit=True)


def _migrate(dsn: str) -> None:
    try:
        migrate = importlib.import_module("aiwebhook.postgres.migrate").migrate
    except ModuleNotFoundError:
        # Until the migrations exist: the schema as it lies.
        schema = Path("layers/core/python/aiwebhook/postgres/schema.sql")
        if schema.exists():
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute(schema.read_bytes())
        return
    migrate(dsn)
