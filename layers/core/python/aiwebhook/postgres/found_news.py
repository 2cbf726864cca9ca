"""The news for a reply, read along with the command, and whether settling has more to do."""

from __future__ import annotations

from dataclasses import dataclass

from aiwebhook.ports.command_rows import Json, NewsMode, Settlement
from aiwebhook.ports.news_rows import Settled
from aiwebhook.postgres.flush import Later
from aiwebhook.postgres.news_rows import updates_elsewhere_of, updates_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsFoundRow:
    """What find_news.sql returns. `remembered`: that the connection used the session."""

    last_seq: int | None
    cursor: int | None
    updates: list[Json]
    waiting: int
    elsewhere: list[Json]
    waiting_elsewhere: int
    known: bool
    paused: bool
    remembered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundNews:
    """News that goes along with a command's first statement."""

    asked: Settlement
    news: Later[NewsFoundRow]

    def suffices(self, settlement: Settlement) -> Settled | None:
        """What settling answers where it has nothing to write; None where it has."""
        if (
            settlement.session_id != self.asked.session_id
            or settlement.pushed
            or settlement.changed
            or settlement.own_events
        ):
            return None
        row = self.news.only()
        told = bool(row.updates or row.elsewhere)
        if settlement.news_mode is NewsMode.COUNTED:
            unwritten = told or (settlement.session_id is not None and not row.known)
        else:
            unwritten = told and settlement.reported is not None
        if unwritten or not row.remembered or (row.paused and settlement.resumed):
            return None
        cursor = row.cursor
        if settlement.wrote is not None:
            # The news was read before the write: what others wrote in between may be news.
            if settlement.wrote != (row.last_seq or 0) + 1:
                return None
            cursor = settlement.wrote
        return Settled(
            cursor=cursor,
            updates=updates_of(row.updates),
            updates_more=row.waiting - len(row.updates),
            elsewhere=updates_elsewhere_of(row.elsewhere),
            elsewhere_more=row.waiting_elsewhere - len(row.elsewhere),
        )
