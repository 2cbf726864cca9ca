"""Backups of embedded servers: a dump in another database, and a recovery to a point in time."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

import psycopg
from psycopg import sql

from aiwebhook_local.own_folders import fresh_folder
from aiwebhook_local.postgres import EmbeddedPostgres, PostgresOptions
from aiwebhook_local.postgres_files import installed_binaries

_NOBODY = "nobody" if os.geteuid() == 0 else None
"""Whose the files of a server are (aiwebhook_local/postgres.py)."""


@contextlib.contextmanager
def another_server(beside: EmbeddedPostgres) -> Generator[EmbeddedPostgres]:
    """A cluster of its own, as young as they come. Its folder lies beside another test server's."""
    server = EmbeddedPostgres(PostgresOptions(folder=_folder(beside), fast=True))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def dump(dsn: str) -> bytes:
    """The whole database."""
    return _run("pg_dump", "--format=custom", dsn)


def restore(server: EmbeddedPostgres, dumped: bytes, name: str) -> str:
    """The dump in a new database of the server; its dsn."""
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    _run("pg_restore", "--exit-on-error", "--dbname", server.dsn(name), given=dumped)
    return server.dsn(name)


def back_up(server: EmbeddedPostgres) -> Path:
    """A copy of all files of a server, which is stopped for it and then goes on."""
    server.stop()
    source, backup = server.log_file.parent, _folder(server)
    for name in ("data", "password"):
        subprocess.run(["cp", "-a", str(source / name), str(backup)], check=True)
    server.start()
    return backup


@contextlib.contextmanager
def recovered(
    backup: Path, lost: EmbeddedPostgres, *, to_point: str
) -> Generator[EmbeddedPostgres]:
    """The backup, recovered from the write-ahead log of a server up to the restore point of this
    name, and running on a timeline of its own. The server is stopped for ever.
    """
    lost.stop()
    data, wal = backup / "data", lost.log_file.parent / "data" / "pg_wal"
    with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(
            f"\nrestore_command = 'cp {wal}/%f %p'\nrecovery_target_name = '{to_point}'\n"
            "recovery_target_action = 'promote'\n"
        )
    signal = data / "recovery.signal"
    signal.touch()
    if _NOBODY:
        shutil.chown(signal, _NOBODY)
    server = EmbeddedPostgres(PostgresOptions(folder=backup, fast=True))
    server.start()
    try:
        _wait_for_the_end_of_recovery(server)
        yield server
    finally:
        server.stop()


def _wait_for_the_end_of_recovery(server: EmbeddedPostgres) -> None:
    """A server answers readers while it still recovers."""
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        while connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
            connection.execute("SELECT pg_sleep(0.01)")


def _folder(beside: EmbeddedPostgres) -> Path:
    """It goes with the folder of the test run (tests/support/postgres.py)."""
    return fresh_folder(beside.log_file.parent.parent, "server-")


def _run(program: str, *arguments: str, given: bytes | None = None) -> bytes:
    path = installed_binaries(18) / program
    done = subprocess.run([path, *arguments], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
