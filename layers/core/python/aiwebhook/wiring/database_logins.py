"""What migrate does for the logins of the functions' roles: makes, keeps and rotates them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

import psycopg

from aiwebhook.aws.parameters import ParameterStore
from aiwebhook.domain.database_role import RoleLogin, role_of
from aiwebhook.postgres.credentials import Credentials
from aiwebhook.postgres.roles import set_password

BY_IAM = "iam"
_PASSWORD_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseLogins:
    """`place`: "iam", or the prefix of the parameters; `owner`: whose coordinates they share;
    `connections`: how many each function may have at once.
    """

    store: ParameterStore
    place: str
    owner: Credentials
    connections: Mapping[str, int]

    def prepare(self) -> dict[str, RoleLogin]:
        """The login of each function; where none is kept, or for another place, one is written
        first. Raises Unavailable.
        """
        return {
            function: RoleLogin(password=self._password(function), connections=number)
            for function, number in self.connections.items()
        }

    def rotate(self) -> list[str]:
        """Give every role a new password; returns the functions. Each is written before the server
        knows it, because functions try the version before as well, and no connection is closed.
        """
        if self.place == BY_IAM:
            return []
        conninfo = self.owner.conninfo()
        with psycopg.connect(conninfo, autocommit=True) as connection:
            for function in self.connections:
                login = self._new(function)
                self._keep(function, login)
                set_password(connection, login.username, login.password)
        return list(self.connections)

    def _password(self, function: str) -> str | None:
        if self.place == BY_IAM:
            return None
        kept = self.store.get(self._name(function))
        found = None if kept is None else json.loads(kept.value)
        login = self._new(function)
        if found is not None:
            login = replace(login, password=str(found["password"]))
        if found != _as_json(login):
            self._keep(function, login)
        return login.password

    def _new(self, function: str) -> Credentials:
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        return replace(self.owner, username=role_of(function), password=password)

    def _keep(self, function: str, login: Credentials) -> None:
        self.store.put(self._name(function), json.dumps(_as_json(login)))

    def _name(self, function: str) -> str:
        return f"{self.place}/{function}"


def _as_json(login: Credentials) -> dict[str, str | int]:
    return {
        "host": login.host,
        "port": login.port,
        "username": login.username,
        "password": login.password,
        "dbname": login.dbname,
    }
