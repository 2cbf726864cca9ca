"""The `PeopleStore` port on Postgres; each method runs the statement of its name."""

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
        """Make a person."""
        params = {"project_id": project_id, "person_id": person_id, "name": name, "actor": actor}
        return self._database.row("create_person", params, PersonRow)

    def set_sign_in_code(self, code: NewCode, *, actor: str) -> PersonRow | None:
        """A code in place of the one before."""
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
        """In the order they were made."""
        return self._database.rows("list_people", {"project_id": project_id}, PersonRow)

    def list_connections(self, *, project_id: str) -> Sequence[ConnectionRow]:
        """Newest first."""
        return self._database.rows("list_connections", {"project_id": project_id}, ConnectionRow)

    def revoke_connection(
        self, *, project_id: str, connection_id: str, actor: str
    ) -> ConnectionRow | None:
        """End it at once."""
        params = {"project_id": project_id, "connection_id": connection_id, "actor": actor}
        return self._database.row("revoke_connection", params, ConnectionRow)
