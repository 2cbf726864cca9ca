"""The database of the stack: a role and a database of its own in the embedded Postgres, migrated."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from aiwebhook_local.home import write_private
from aiwebhook_local.postgres import EmbeddedPostgres

NAME = "aiwebhook"
PROJECT = "default"
_KEY_ID = "key_local"
# A laptop has one user: far above what a person does, low enough to show a runaway loop.
_RATE_PER_MINUTE = 60_000
_BURST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates:
    """How the functions reach the database, in the shape of the secret that RDS keeps."""

    port: int
    password: str

    def as_secret(self) -> dict[str, str | int]:
        """The value of DatabaseSecret."""
        return {
            "engine": "postgres",
            "host": "127.0.0.1",
            "port": self.port,
            "username": NAME,
            "password": self.password,
            "dbname": NAME,
        }

    @property
    def dsn(self) -> str:
        """The same as one address."""
        return f"postgresql://{NAME}:{quote(self.password)}@127.0.0.1:{self.port}/{NAME}"


def prepare_database(server: EmbeddedPostgres, password: str) -> Coordinates:
    """Make role and database where they are missing; harmless when they exist."""
    role, database = sql.Identifier(NAME), sql.Identifier(NAME)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        exists = "select exists (select from pg_roles where rolname = %s)"
        if connection.execute(exists, (NAME,)).fetchone() == (False,):
            # Like the master user of RDS: no superuser, owner of its database.
            connection.execute(sql.SQL("create role {} login").format(role))
        change = sql.SQL("alter role {} password {}").format(role, sql.Literal(password))
        connection.execute(change)
        exists = "select exists (select from pg_database where datname = %s)"
        if connection.execute(exists, (NAME,)).fetchone() == (False,):
            create = sql.SQL("create database {} owner {}").format(database, role)
            connection.execute(create)
    return Coordinates(port=server.port, password=password)


def seed(dsn: str, key_file: Path) -> str:
    """Make sure that there is a default project with an API key; returns the key.

    The key of the last run is kept while the database knows it.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "insert into projects (project_id, name) values (%s, 'Default') on conflict do nothing",
            (PROJECT,),
        )
        if key_file.exists():
            key = key_file.read_text().strip()
            known = "select from api_keys where key_hash = %s and revoked_at is null"
            if connection.execute(known, (_digest(key),)).fetchone() is not None:
                return key
        key = f"aiw_{secrets.token_urlsafe(32)}"
        connection.execute("delete from api_keys where key_id = %s", (_KEY_ID,))
        connection.execute(
            """
            insert into api_keys
                (key_id, project_id, name, prefix, key_hash, scopes, rate_per_minute, burst)
            values (%s, %s, 'local', %s, %s, '{admin}', %s, %s)
            """,
            (_KEY_ID, PROJECT, key[:8], _digest(key), _RATE_PER_MINUTE, _BURST),
        )
    write_private(key_file, f"{key}\n")
    return key


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
