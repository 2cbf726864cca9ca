"""People of a project and the connections they allowed. All methods raise Unavailable."""

from __future__ import annotations

from collections.abc import Sequence

from aiwebhook.ports.people import ConnectionRow, NewCode, PersonRow
from aiwebhook.postgres.database import Database


class PostgresPeopleStore:
    """People and connections of a project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create_person(
        self, *, project_id: str, person_id: str, name: str, actor: str
    ) -> PersonRow | None:
        """Create a person, with an audit entry; None when the name is taken, or the project
        does not exist.
        """
        params = {"project_id": project_id, "person_id": person_id, "name": name, "actor": actor}
        return self._database.row("create_person", params, PersonRow)

    def set_sign_in_code(self, code: NewCode, *, actor: str) -> PersonRow | None:
        """Replace a person's code, with an audit entry; None when there is no such person, or they
        have a code and `only_first` is set.
        """
        params = {
            "project_id": code.project_id,
            "person": code.person,
            "handle": code.handle,
            "salt": code.salt,
            "hash": code.hash,
            "only_first": code.only_first,
            "actor": actor,
        }
        return self._database.row("set_sign_in_code", params, PersonRow)

    def list_people(self, *, project_id: str) -> Sequence[PersonRow]:
        """People of a project, in the order they were added."""
        return self._database.rows("list_people", {"project_id": project_id}, PersonRow)

    def list_connections(self, *, project_id: str) -> Sequence[ConnectionRow]:
        """Connections with at least one token, newest first; ended ones for a month."""
        return self._database.rows("list_connections", {"project_id": project_id}, ConnectionRow)

    def revoke_connection(
        self, *, project_id: str, connection_id: str, actor: str
    ) -> ConnectionRow | None:
        """End the connection and all its tokens at once; repeating is harmless."""
        params = {"project_id": project_id, "connection_id": connection_id, "actor": actor}
        return self._database.row("revoke_connection", params, ConnectionRow)
