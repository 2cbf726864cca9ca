"""The database of the stack: a role and a database in the embedded Postgres, migrated."""

import hmac
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from aiwebhook.domain.database_role import DATABASE_FUNCTIONS, RoleLogin, role_of
from aiwebhook.postgres.credentials import Credentials
from aiwebhook.private_file import write_private
from aiwebhook.wiring.setup import Setup
from aiwebhook_local.postgres import EmbeddedPostgres

NAME = "aiwebhook"
PROJECT = "default"
READING_ROLE = "aiwebhook_reader"
READABLE = (
    *("projects", "sessions", "conversation_chunks", "memories", "artifacts", "agents", "workers"),
    *("tasks", "task_attempts", "task_dependencies", "task_results", "events", "channels"),
)
"""Tables that an agent may read: none that holds a key, a secret or a signed body."""
# A laptop has one user: far above what a person does, low enough to show a runaway loop.
_RATE_PER_MINUTE = 60_000
_BURST = 10_000
# Processes of one function; more than two of them at once would be a runaway loop too.
_CONNECTIONS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates:
    """How the functions reach the database, in the form of the RDS secret."""

    port: int
    password: str

    def as_secret(self) -> dict[str, str | int]:
        """The value of DatabaseSecret: the owner's."""
        return self._login(NAME, self.password)

    def as_parameter(self, function: str) -> dict[str, str | int]:
        """The login of a function, which has a role of its own."""
        return self._login(role_of(function), self.password_of(function))

    def password_of(self, function: str) -> str:
        """Derived from the owner's password, which cannot be derived from it."""
        return hmac.digest(self.password.encode(), function.encode(), "sha256").hex()

    def _login(self, username: str, password: str) -> dict[str, str | int]:
        return {
            "engine": "postgres",
            "host": "127.0.0.1",
            "port": self.port,
            "username": username,
            "password": password,
            "dbname": NAME,
        }

    @property
    def reader_dsn(self) -> str:
        """The URL of a role that can only read."""
        password = self.password_of(READING_ROLE)
        return f"postgresql://{READING_ROLE}:{password}@127.0.0.1:{self.port}/{NAME}"

    @property
    def dsn(self) -> str:
        """The same as a postgresql:// URL."""
        return f"postgresql://{NAME}:{quote(self.password)}@127.0.0.1:{self.port}/{NAME}"


def prepare_database(server: EmbeddedPostgres, password: str) -> Coordinates:
    """Create role and database where they are missing; harmless if they exist."""
    role, database = sql.Identifier(NAME), sql.Identifier(NAME)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        exists = "select exists (select from pg_roles where rolname = %s)"
        if connection.execute(exists, (NAME,)).fetchone() == (False,):
            # Like the master user of RDS: not a superuser, owner of its database.
            connection.execute(sql.SQL("create role {} login").format(role))
        change = sql.SQL("alter role {} createrole password {}").format(role, sql.Literal(password))
        connection.execute(change)
        exists = "select exists (select from pg_database where datname = %s)"
        if connection.execute(exists, (NAME,)).fetchone() == (False,):
            create = sql.SQL("create database {} owner {}").format(database, role)
            connection.execute(create)
    return Coordinates(port=server.port, password=password)


def migrate_and_seed(coordinates: Coordinates, key_file: Path) -> str:
    """Create the schema, the default project with its agents, and an admin key; returns the key.
    The key of the last run is kept while the database knows it.
    """
    with Setup(_credentials(coordinates)) as setup:
        setup.migrate()
        setup.make_roles(_role_logins(coordinates), contract=True)
        make_reader(coordinates)
        write_private(key_file.with_name("reader_dsn"), f"{coordinates.reader_dsn}\n")
        if key_file.exists():
            key = key_file.read_text().strip()
            if setup.knows(key):
                return key
        key = setup.admin_key("local", rate_per_minute=_RATE_PER_MINUTE, burst=_BURST)
    write_private(key_file, f"{key}\n")
    return key


def make_reader(coordinates: Coordinates) -> None:
    """Make the role that can only read, for programs that agents look into the database with."""
    role = sql.Identifier(READING_ROLE)
    with psycopg.connect(coordinates.dsn, autocommit=True) as connection:
        exists = "select exists (select from pg_roles where rolname = %s)"
        if connection.execute(exists, (READING_ROLE,)).fetchone() == (False,):
            connection.execute(sql.SQL("create role {} login connection limit 8").format(role))
        password = sql.Literal(coordinates.password_of(READING_ROLE))
        connection.execute(sql.SQL("alter role {} password {}").format(role, password))
        for name, value in (("default_transaction_read_only", "on"), ("statement_timeout", "10s")):
            setting = sql.SQL("alter role {} set {} = {}")
            connection.execute(setting.format(role, sql.Identifier(name), sql.Literal(value)))
        connection.execute(
            sql.SQL("grant connect on database {} to {}").format(sql.Identifier(NAME), role)
        )
        connection.execute(sql.SQL("grant usage on schema public to {}").format(role))
        tables = sql.SQL(", ").join(map(sql.Identifier, READABLE))
        connection.execute(sql.SQL("grant select on {} to {}").format(tables, role))


def _role_logins(coordinates: Coordinates) -> dict[str, RoleLogin]:
    return {
        function: RoleLogin(password=coordinates.password_of(function), connections=_CONNECTIONS)
        for function in DATABASE_FUNCTIONS
    }


def first_sign_in_code(coordinates: Coordinates) -> str | None:
    """The owner's first sign-in code, shown once; None if they already had one."""
    with Setup(_credentials(coordinates)) as setup:
        return setup.first_sign_in_code()


def _credentials(coordinates: Coordinates) -> Credentials:
    return Credentials(
        host="127.0.0.1",
        port=coordinates.port,
        username=NAME,
        password=coordinates.password,
        dbname=NAME,
    )
