"""The `NameStore` port on Postgres; each method runs the statement of its name."""

from __future__ import annotations

from collections.abc import Sequence

from aiwebhook.ports.names import LatestSession, Named
from aiwebhook.postgres.database import Database


class PostgresNameStore:
    """Implements ports.names.NameStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest_session(self, *, project_id: str, connection: str) -> LatestSession | None:
        """The session that the connection used last, else the one with the latest activity."""
        params = {"project_id": project_id, "connection": connection}
        return self._database.row("latest_session", params, LatestSession)

    def sessions_named(self, *, project_id: str, name: str) -> Sequence[Named]:
        """Sessions by words of the title."""
        params = {"project_id": project_id, "name": name, "words": name.split()}
        return self._database.rows("sessions_named", params, Named)

    def tasks_named(self, *, project_id: str, session_id: str | None, name: str) -> Sequence[Named]:
        """Tasks by words of the description or the agent's name."""
        params = {
            "project_id": project_id,
            "session_id": session_id,
            "name": name,
            "words": name.split(),
        }
        return self._database.rows("tasks_named", params, Named)

    def artifacts_named(
        self, *, project_id: str, session_id: str, task_id: str, name: str
    ) -> Sequence[Named]:
        """Artifacts of a task by id, name or part of the name."""
        params = {
            "project_id": project_id,
            "session_id": session_id,
            "task_id": task_id,
            "name": name,
        }
        return self._database.rows("artifacts_named", params, Named)

    def repositories_named(self, *, project_id: str, name: str) -> Sequence[Named]:
        """Repositories of earlier tasks, by the last part of their URL."""
        params = {"project_id": project_id, "name": name}
        return self._database.rows("repositories_named", params, Named)
