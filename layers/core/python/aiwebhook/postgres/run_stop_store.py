"""Runs that must stop: they were cancelled, or the server ended their lease."""

from __future__ import annotations

from collections.abc import Sequence

from aiwebhook.ports.run_stops import RunToStop
from aiwebhook.postgres.database import Database


class PostgresRunStopStore:
    """The marked runs. All methods raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def runs_to_stop(self, *, limit: int) -> Sequence[RunToStop]:
        """Runs that ECS must stop, marked longest first."""
        return self._database.rows("runs_to_stop", {"limit": limit}, RunToStop)

    def forget_runs_to_stop(self, attempt_ids: Sequence[str]) -> None:
        """Remove the marks of stopped runs, and those older than a day."""
        self._database.run("forget_runs_to_stop", {"attempt_ids": list(attempt_ids)})
