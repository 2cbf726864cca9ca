"""Writes notify readers that wait for events."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar, TypeVar

from aiwebhook.errors import Unavailable
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call
from aiwebhook.postgres.outbox_rows import AnnouncedRow

Row = TypeVar("Row")


class PostgresAnnouncing:
    """Base class of stores that write events."""

    _database: Database

    _announce: ClassVar[Call[AnnouncedRow | None]] = Call.row("announce", {}, AnnouncedRow)
    """The last statement of a change: its commit notifies the readers."""

    def wake_readers(self) -> None:
        """Notify readers, after the commit of a change that did not do so itself."""
        self._database.run("wake_readers", {})

    def _write_and_announce(self, call: Call[Row | None]) -> Row | None:
        """Run a write without outbox rows to push; returns its row, None if it changed nothing."""
        row, announced = self._database.together(call, self._announce)
        if row is not None and announced.notified is None:
            with suppress(Unavailable):  # readers poll too, a little later
                self.wake_readers()
        return row
