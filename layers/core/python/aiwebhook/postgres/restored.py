"""Detects that the database was restored, and raises its counters above the old ones (ADR 0016)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.errors import (
    InsufficientPrivilege,
    LockNotAvailable,
    UndefinedFunction,
    UndefinedTable,
)

from aiwebhook.errors import Unavailable

if TYPE_CHECKING:
    from aiwebhook.postgres.database import Database


class PostgresRestoreCheck:
    """Runs before the first statement of every new connection, and at each tick of the reaper."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def adopt_if_restored(self) -> bool:
        """Returns whether counters were raised. Two processes at once take turns; the second finds
        nothing to do. Raises Unavailable when another writer holds locks for longer than a
        statement may wait; also for the role of a function, because only the owner may raise
        counters, which happens in the deployment that names the restored database.
        """
        try:
            return self._is_restored() and self._adopt()
        except (UndefinedTable, UndefinedFunction):
            return False  # before the migrations there is no mark
        except InsufficientPrivilege as exc:
            raise Unavailable(
                "The database waits for the deployment's migrate.", code="database_not_ready"
            ) from exc
        except LockNotAvailable as exc:
            raise Unavailable(
                "The database was restored and is being made ready.", code="database_slow"
            ) from exc

    def _adopt(self) -> bool:
        with self._database.transaction():
            self._database.connection.execute("SET LOCAL statement_timeout = 0")
            self._hold_writers()
            return self._is_restored() and self._adopt_database()

    def _is_restored(self) -> bool:
        return self._database.value("is_restored", {}, bool) is True

    def _hold_writers(self) -> None:
        self._database.run("hold_writers", {})

    def _adopt_database(self) -> bool:
        """Writes one row per session: a few seconds for a million of them."""
        return self._database.value("adopt_database", {}, bool) is True
