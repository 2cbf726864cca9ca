"""The state of the projects' event logs, for the reaper and for readiness."""

from __future__ import annotations

from aiwebhook.postgres.database import Database
from aiwebhook.postgres.restored import PostgresRestoreCheck


class PostgresFeedStore:
    """Each method runs the statement of its name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def adopt_if_restored(self) -> bool:
        """Check again, for a connection that outlived a promotion; returns whether
        counters were raised.
        """
        return PostgresRestoreCheck(self._database).adopt_if_restored()

    def feed_held_back(self) -> int:
        """Seconds by which readers lag behind commits; 0 when they do not."""
        return self._database.value("feed_held_back", {}, int) or 0
