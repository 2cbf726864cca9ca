"""Each function has a role of its own, which may do what its statements need and nothing else."""

from __future__ import annotations

import os
import random
import tomllib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import conninfo, sql

from aiwebhook.domain.database_role import DATABASE_FUNCTIONS, RoleLogin, role_of
from aiwebhook.errors import Unavailable
from aiwebhook.postgres.credentials import Credentials
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.declared_grants import declared_grants
from aiwebhook.postgres.grant import Right, give_rights, take_rights
from aiwebhook.postgres.roles import apply_roles, held_grants
from aiwebhook.postgres.statements import numbered, statement
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.grants_file import FILE, as_toml, derived_grants
from tests.support.postgres import clone
from tests.support.queue import credentials_of
from tests.support.reach import OWNERS, reached_statements
from tests.support.rights import Rights

pytestmark = [
    pytest.mark.req("O1"),
    pytest.mark.skipif(
        os.environ.get("AIWEBHOOK_TEST_POSTGRES", "18") == "15",  # noqa: TID251 - as postgres.py
        reason="PostgreSQL 15 neither prints rights nor explains without values",
    ),
    pytest.mark.xdist_group("grants"),  # roles belong to the server
]
PASSWORDS = {function: RoleLogin(password="pw", connections=5) for function in DATABASE_FUNCTIONS}
READ = "SELECT pg_sequence_last_value('{}')"
SAMPLE = 40
"""Rights of each function that are taken away in turn; `-m slow`: all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A database with the functions' roles; `owner` is a connection as its superuser."""

    dsn: str
    owner: psycopg.Connection[Any]
    rights: Rights

    @contextmanager
    def acting_as(self, function: str) -> Generator[psycopg.Connection[Any]]:
        with psycopg.connect(self.dsn, autocommit=True, prepare_threshold=None) as connection:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role_of(function))))
            yield connection

    def login(self, function: str, **changes: Any) -> Credentials:
        parts: dict[str, Any] = conninfo.conninfo_to_dict(self.dsn)
        values: dict[str, Any] = {
            "host": parts["host"],
            "port": int(parts["port"]),
            "username": role_of(function),
            "password": "pw",
            "dbname": parts["dbname"],
        }
        return Credentials(**(values | changes))


@pytest.fixture(scope="module")
def granted(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[Granted]:
    with clone(postgres_server, migrated_template, "test_granted") as dsn:
        apply_roles(dsn, PASSWORDS, contract=True)
        with (
            psycopg.connect(dsn, autocommit=True) as owner,
            psycopg.connect(dsn, autocommit=True) as asked,
        ):
            yield Granted(dsn=dsn, owner=owner, rights=Rights(asked))


CALLS: dict[str, LiteralString] = {
    "is_followed(": "SELECT is_followed(NULL, NULL, NULL, NULL)",
    "wake_depth(": "SELECT wake_depth(NULL, NULL, 1)",
    "lane_time(": "SELECT lane_time(NULL, NULL, NULL)",
    "nextval('ready_seq'": "SELECT nextval('ready_seq')",
    "nextval('lease_epochs'": "SELECT nextval('lease_epochs')",
    "pg_sequence_last_value('feed_base'": READ.format("feed_base"),
    "pg_sequence_last_value('session_base'": READ.format("session_base"),
    "INSERT INTO events": READ.format("feed_base"),
    "INSERT INTO tasks": "SELECT nextval('ready_seq')",
}
"""What a statement runs whose rights EXPLAIN does not check: bodies of functions, defaults."""


def refusal(connection: psycopg.Connection[Any], name: str) -> str | None:
    """Why PostgreSQL does not let this role run the statement; None if it does. The statement is
    only explained, which checks its rights.
    """
    text = numbered(statement(name))[0].decode()
    try:
        connection.execute(b"EXPLAIN (GENERIC_PLAN) " + text.encode())
        for called, alone in CALLS.items():
            if called in text and connection.execute(alone).fetchone() == (None,):
                return "it reads null"
    except psycopg.errors.InsufficientPrivilege as error:
        return str(error)
    return None


def test_the_file_says_what_the_statements_need(granted: Granted) -> None:
    """If this fails: `make docs`, and look at the difference."""
    with psycopg.connect(granted.dsn, autocommit=True) as connection:
        derived = derived_grants(connection)
    assert FILE.read_text("utf-8") == as_toml(derived)
    assert tomllib.loads(FILE.read_text("utf-8")).keys() == {*DATABASE_FUNCTIONS}


@pytest.mark.parametrize("function", DATABASE_FUNCTIONS)
def test_a_function_may_run_what_it_can_reach(granted: Granted, function: str) -> None:
    with granted.acting_as(function) as connection:
        for name in sorted(reached_statements(function) - OWNERS):
            assert refusal(connection, name) is None, name


@pytest.mark.parametrize("function", DATABASE_FUNCTIONS)
def test_without_a_right_a_statement_fails(granted: Granted, function: str) -> None:
    grants = sorted(declared_grants()[function], key=lambda right: right.place)
    random.Random(13).shuffle(grants)
    assert unnoticed(granted, function, grants[:SAMPLE]) == []


@pytest.mark.slow
@pytest.mark.parametrize("function", DATABASE_FUNCTIONS)
def test_no_right_is_more_than_is_needed(granted: Granted, function: str) -> None:
    assert (
        unnoticed(
            granted, function, sorted(declared_grants()[function], key=lambda right: right.place)
        )
        == []
    )


def unnoticed(granted: Granted, function: str, grants: list[Right]) -> list[str]:
    """Rights that can be taken away without any statement failing."""
    role, missed = role_of(function), list[str]()
    reached = sorted(reached_statements(function) - OWNERS)
    with granted.acting_as(function) as connection:
        for grant in grants:
            execute(granted.owner, take_rights([grant], role))
            needing = [name for name in reached if names(granted.rights.of_statement(name), grant)]
            if not any(refusal(connection, name) for name in needing):
                missed.append(str(grant))
            execute(granted.owner, give_rights([grant], role))
    return missed


def names(needed: frozenset[Right], grant: Right) -> bool:
    return any(
        (each.relation, each.privilege) == (grant.relation, grant.privilege)
        and each.column in {grant.column, "*"}
        for each in needed
    )


def execute(connection: psycopg.Connection[Any], statements: Iterator[sql.Composed]) -> None:
    for each in statements:
        connection.execute(each)


@pytest.mark.parametrize(
    ("function", "attempt"),
    [
        ("notifier", "SELECT key_hash FROM api_keys"),
        ("notifier", "SELECT content FROM conversation_chunks"),
        ("dispatcher", "SELECT secret_box FROM event_subscriptions"),
        ("reaper", "SELECT content FROM memories"),
        ("relay", "DELETE FROM audit_log"),
        ("relay", "UPDATE api_keys SET scopes = '{admin}'"),
        ("session_api", "DROP TABLE tasks"),
        ("session_api", "CREATE TABLE mine (id integer)"),
        ("session_api", "CREATE TEMPORARY TABLE mine (id integer)"),
        ("session_api", "SELECT setval('feed_base', 1)"),
    ],
)
def test_a_function_may_not(granted: Granted, function: str, attempt: str) -> None:
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with granted.acting_as(function) as connection, refused:
        connection.execute(attempt.encode())


def test_making_the_roles_again_changes_nothing(granted: Granted) -> None:
    changes = apply_roles(granted.dsn, PASSWORDS, contract=True)
    assert (changes.given, changes.taken, changes.surplus) == (0, 0, 0)


def test_what_older_code_needed_is_taken_only_afterwards(granted: Granted) -> None:
    """Expand, then contract."""
    old = Right(relation="audit_log", privilege="SELECT", column="data")
    assert old not in declared_grants()["notifier"]
    execute(granted.owner, give_rights([old], role_of("notifier")))
    before = apply_roles(granted.dsn, PASSWORDS, contract=False)
    assert (before.surplus, before.taken) == (1, 0)
    assert old in held_grants(granted.owner, role_of("notifier"))
    assert apply_roles(granted.dsn, PASSWORDS, contract=True).taken == 1
    assert held_grants(granted.owner, role_of("notifier")) == declared_grants()["notifier"]


def test_a_function_that_takes_all_its_connections_leaves_the_others_theirs(
    granted: Granted,
) -> None:
    few: Mapping[str, RoleLogin] = {"relay": RoleLogin(password="pw", connections=1)}
    apply_roles(granted.dsn, few, contract=False)
    with psycopg.connect(granted.login("relay").conninfo()):
        with pytest.raises(Unavailable):
            Database(lambda: granted.login("relay")).check()
        other = Database(lambda: granted.login("reaper"))
        other.check()
        other.close()
    apply_roles(granted.dsn, PASSWORDS, contract=False)


def test_a_changed_password_is_found_and_open_connections_stay(granted: Granted) -> None:
    """Between the moments it is written and the server knows it, the one before is good."""
    old, new = granted.login("reaper"), granted.login("reaper", password="new")
    warm = Database(lambda: old)
    warm.check()
    cold = Database(lambda: new, renewed=lambda: [new, old])
    cold.check()
    cold.close()
    rotated = {"reaper": RoleLogin(password="new", connections=5)}
    apply_roles(granted.dsn, rotated, contract=False)
    warm.check()
    cold = Database(lambda: old, renewed=lambda: [new, old])
    cold.check()
    with pytest.raises(Unavailable):
        Database(lambda: old).check()
    warm.close()
    cold.close()
    apply_roles(granted.dsn, PASSWORDS, contract=False)


def test_a_restored_database_waits_for_its_owner(granted: Granted) -> None:
    """A function may not raise counters: it answers 503 until migrate has come."""
    granted.owner.execute("UPDATE database_mark SET system_identifier = 1")
    with pytest.raises(Unavailable, match="migrate") as refused:
        Database(lambda: granted.login("relay")).check()
    assert refused.value.code == "database_not_ready"
    owner = Database(lambda: credentials_of(granted.dsn))
    owner.check()
    owner.close()
    relay = Database(lambda: granted.login("relay"))
    relay.check()
    relay.close()
