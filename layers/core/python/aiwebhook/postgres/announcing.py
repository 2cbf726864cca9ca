"""A write wakes those who wait for events."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar, TypeVar

from aiwebhook.errors import Unavailable
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call
from aiwebhook.postgres.outbox_rows import AnnouncedRow

Row = TypeVar("Row")


class PostgresAnnouncing:
    """For the stores built on it."""

    _database: Database

    _announce: ClassVar[Call[AnnouncedRow | None]] = Call.row("announce", {}, AnnouncedRow)
    """The last statement of a change: its commit wakes them."""

    def wake_readers(self) -> None:
        """After the commit of a change that could not announce itself."""
        self._database.run("wake_readers", {})

    def _write_and_announce(self, call: Call[Row | None]) -> Row | None:
        """The row of a write that leaves nothing to push; no row: it changed nothing."""
        row, announced = self._database.together(call, self._announce)
        if row is not None and announced.notified is None:
            with suppress(Unavailable):  # they look again by themselves, a little later
                self.wake_readers()
        return row
