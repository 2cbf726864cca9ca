"""The database of a function, and how its role logs in: with tokens of AWS IAM, or with a password
that migrate keeps in Parameter Store (ADR 0026).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from aiwebhook.aws.database_token import database_token
from aiwebhook.aws.environment import AwsEnvironment
from aiwebhook.aws.parameters import Parameter, ParameterStore
from aiwebhook.clock import utc_now
from aiwebhook.errors import ConfigurationError, Unavailable
from aiwebhook.postgres.credentials import Credentials
from aiwebhook.postgres.database import Database
from aiwebhook.wiring.cloud import Cloud

_NAMES = ("host", "port", "username", "password", "dbname")


def credentials_in(value: Mapping[str, Any]) -> Credentials:
    """The JSON that RDS writes: host, port, username, password, dbname. Raises ConfigurationError
    naming fields that are missing.
    """
    missing = [name for name in _NAMES if value.get(name) in (None, "")]
    if missing:
        raise ConfigurationError(f"The database secret lacks: {', '.join(missing)}.")
    return Credentials(
        host=str(value["host"]),
        port=int(value["port"]),
        username=str(value["username"]),
        password=str(value["password"]),
        dbname=str(value["dbname"]),
    )


def open_database(aws: Cloud, login: str) -> Database:
    """The process's database. Nothing is read or opened before the first statement."""
    if login.startswith("postgresql://"):
        return Database(IamLogin(aws.environment, login))
    kept = KeptLogin(aws.parameters(), login)
    return Database(kept, renewed=kept.renewed)


class IamLogin:
    """Signs a token for each connection, without a call: it is good for a quarter of an hour, and
    only connecting needs it.
    """

    def __init__(self, environment: AwsEnvironment, url: str) -> None:
        self._environment = environment
        self._url = urlsplit(url)

    def __call__(self) -> Credentials:
        url = self._url
        host, port, role = url.hostname or "", url.port or 5432, url.username or ""
        token = database_token(
            f"{host}:{port}",
            role,
            region=self._environment.region,
            credentials=self._environment.credentials(),
            now=utc_now(),
        )
        dbname = url.path.removeprefix("/")
        return Credentials(host=host, port=port, username=role, password=token, dbname=dbname)


class KeptLogin:
    """Reads the login once and keeps it: a warm function depends on nothing but its database. Only
    when the server refuses it, it is read again.
    """

    def __init__(self, store: ParameterStore, name: str) -> None:
        self._store = store
        self._name = name
        self._kept: Credentials | None = None

    def __call__(self) -> Credentials:
        """Raises Unavailable while it was never read and Parameter Store is away."""
        if self._kept is None:
            self._kept = _credentials_of(self._newest())
        return self._kept

    def renewed(self) -> Iterator[Credentials]:
        """The newest version, and the one before: migrate writes a password before it changes it,
        so that one of the two is right at any moment.
        """
        newest = self._newest()
        self._kept = _credentials_of(newest)
        yield self._kept
        if newest.version > 1:
            before = self._store.get(self._name, version=newest.version - 1)
            if before is not None:
                yield _credentials_of(before)

    def _newest(self) -> Parameter:
        found = self._store.get(self._name)
        if found is None:
            raise Unavailable("The database's login is not there yet.", code="database_not_ready")
        return found


def _credentials_of(parameter: Parameter) -> Credentials:
    return credentials_in(json.loads(parameter.value))
