"""Makes a role for each function, with exactly the rights that grants.toml declares.

Expand, then contract: before a release's code runs, rights are only added, so that the running code
keeps its own; after it (the phase "post") undeclared rights are taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from aiwebhook.domain.database_role import RoleLogin, role_of
from aiwebhook.errors import ConfigurationError
from aiwebhook.postgres.declared_grants import declared_grants
from aiwebhook.postgres.grant import Right, give_rights, take_rights

_LOCK = 0x726F6C6573  # "roles"
_IAM = "rds_iam"
_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)"
_HELD = """
    SELECT c.relname, a.privilege_type, ''
    FROM pg_class c
    CROSS JOIN LATERAL aclexplode(c.relacl) a
    WHERE c.relnamespace = current_schema()::regnamespace AND a.grantee = %(role)s::regrole
    UNION ALL
    SELECT c.relname, a.privilege_type, t.attname
    FROM pg_class c
    JOIN pg_attribute t ON t.attrelid = c.oid AND NOT t.attisdropped
    CROSS JOIN LATERAL aclexplode(t.attacl) a
    WHERE c.relnamespace = current_schema()::regnamespace AND a.grantee = %(role)s::regrole
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChanges:
    """What was changed, as numbers of rights."""

    given: int
    taken: int
    surplus: int
    """Undeclared rights that the roles still have, for the old code until "post"."""


def apply_roles(conninfo: str, logins: Mapping[str, RoleLogin], *, contract: bool) -> RoleChanges:
    """Make the roles of `logins` (by the function's name) and grant their rights; `contract`: also
    revoke what is not declared. Must run as the owner; running it again changes nothing.

    Raises ConfigurationError for a login by IAM where the server does not support it.
    """
    given = taken = surplus = 0
    with psycopg.connect(conninfo, autocommit=True) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        _close_to_others(connection)
        for function, login in logins.items():
            role = role_of(function)
            _make(connection, role, login)
            held, wanted = held_grants(connection, role), declared_grants()[function]
            _execute(connection, give_rights(wanted - held, role))
            given += len(wanted - held)
            if contract:
                _execute(connection, take_rights(held - wanted, role))
                taken += len(held - wanted)
            else:
                surplus += len(held - wanted)
    return RoleChanges(given=given, taken=taken, surplus=surplus)


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsDifference:
    """How a role's rights differ from what grants.toml declares, as sentence endings."""

    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    """Left by an earlier release until "post", or granted by hand."""


def compare_rights(conninfo: str) -> Mapping[str, RightsDifference]:
    """The differences by function name, for each function whose role differs; a role that does not
    exist lacks everything. Changes nothing.
    """
    found: dict[str, RightsDifference] = {}
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for function, wanted in declared_grants().items():
            role = role_of(function)
            there = _exists(connection, role)
            held = held_grants(connection, role) if there else frozenset[Right]()
            if held != wanted:
                missing, surplus = _in_words(wanted - held), _in_words(held - wanted)
                found[function] = RightsDifference(missing=missing, surplus=surplus)
    return found


def _in_words(rights: frozenset[Right]) -> tuple[str, ...]:
    return tuple(str(right) for right in sorted(rights, key=lambda right: right.place))


def held_grants(connection: psycopg.Connection[Any], role: str) -> frozenset[Right]:
    """The rights of a role on the tables and sequences of this schema."""
    rows = connection.execute(_HELD, {"role": role}).fetchall()
    return frozenset(
        Right(relation=name, privilege=word, column=column) for name, word, column in rows
    )


def set_password(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    """Set the role's password. Only its SCRAM verifier is sent, so no log of the server
    can show it.
    """
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))
    )


def _make(connection: psycopg.Connection[Any], role: str, login: RoleLogin) -> None:
    name = sql.Identifier(role)
    if not _exists(connection, role):
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
    connection.execute(
        sql.SQL("ALTER ROLE {} CONNECTION LIMIT {}").format(name, sql.Literal(login.connections))
    )
    _let_in_by(connection, role, login)
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, name))


def _let_in_by(connection: psycopg.Connection[Any], role: str, login: RoleLogin) -> None:
    knows_iam, change = _exists(connection, _IAM), None
    if login.password is not None:
        set_password(connection, role, login.password)
        change = sql.SQL("REVOKE {} FROM {}")  # it would refuse every password
    elif knows_iam:
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD NULL").format(sql.Identifier(role)))
        change = sql.SQL("GRANT {} TO {}")
    else:
        raise ConfigurationError(
            "the database has no login by AWS IAM",
            remedy="Set database_login of the stage to 'password'.",
        )
    if knows_iam:
        connection.execute(change.format(sql.Identifier(_IAM), sql.Identifier(role)))


def _close_to_others(connection: psycopg.Connection[Any]) -> None:
    """Revoke what PostgreSQL grants everybody: to connect, and to create temporary tables."""
    database = sql.Identifier(connection.info.dbname)
    connection.execute(
        sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(database)
    )


def _exists(connection: psycopg.Connection[Any], role: str) -> bool:
    return connection.execute(_EXISTS, (role,)).fetchone() == (True,)


def _execute(connection: psycopg.Connection[Any], statements: Iterator[sql.Composed]) -> None:
    for statement in statements:
        connection.execute(statement)
