"""The news of a reply: parameters and rows of its statements, and whether it needs settling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiwebhook.domain.news import (
    ELSEWHERE_PER_REPLY,
    MOST_TIMES,
    NEWS_COUNTED_UP_TO,
    UPDATES_PER_REPLY,
)
from aiwebhook.ports.command_rows import Json, NewsMode, Settlement
from aiwebhook.ports.news_rows import Settled, Update, UpdateElsewhere
from aiwebhook.postgres.flush import Later


def look_params(settlement: Settlement) -> dict[str, object]:
    """The parameters of look_for_news.sql."""
    return {
        "project_id": settlement.project_id,
        "session_id": settlement.session_id,
        "principal": settlement.reader.principal,
        "reader": settlement.reader.name,
        "connection": settlement.connection,
        "count_limit": NEWS_COUNTED_UP_TO,
    }


def settle_params(settlement: Settlement, *, changed: bool) -> dict[str, object]:
    """The parameters of settle.sql and find_news.sql."""
    return {
        "project_id": settlement.project_id,
        "session_id": settlement.session_id,
        "principal": settlement.reader.principal,
        "reader": settlement.reader.name,
        "news": settlement.news_mode is not NewsMode.NOTHING,
        "counted": settlement.news_mode is NewsMode.COUNTED,
        "reported_task": settlement.reported and settlement.reported[0],
        "reported_status": settlement.reported and settlement.reported[1],
        "pushed": list(settlement.pushed),
        "changed": changed,
        "resumed": list(settlement.resumed),
        "correlation_id": settlement.correlation_id,
        "own_events": [event.event_no for event in settlement.own_events],
        "own_seqs": [
            event.seq
            for event in settlement.own_events
            if event.session_id == settlement.session_id
        ],
        "connection": settlement.connection,
        "limit": UPDATES_PER_REPLY,
        "elsewhere_limit": ELSEWHERE_PER_REPLY,
        "count_limit": NEWS_COUNTED_UP_TO,
        "most_times": MOST_TIMES,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsLookedForRow:
    """Columns of look_for_news.sql. `untold`: there is news to report and count. `remembered`: the
    connection is already recorded as using the session.
    """

    last_seq: int | None
    waiting: int
    waiting_elsewhere: int
    untold: bool
    known: bool
    paused: bool
    remembered: bool

    def is_settled(self, settlement: Settlement) -> bool:
        """Whether settling would have nothing to write."""
        return not self.untold and (self.known or settlement.session_id is None)

    def read(self, wrote: int | None = None) -> Settled:
        """What settling would return; `wrote`: the `seq` written since."""
        return Settled(
            cursor=self.last_seq if wrote is None else wrote,
            updates_more=self.waiting,
            elsewhere_more=self.waiting_elsewhere,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsFoundRow:
    """Columns of find_news.sql. `remembered`: the connection is already recorded as
    using the session.
    """

    last_seq: int | None
    cursor: int | None
    updates: list[Json]
    waiting: int
    elsewhere: list[Json]
    waiting_elsewhere: int
    known: bool
    paused: bool
    remembered: bool

    def is_settled(self, settlement: Settlement) -> bool:
        """Whether settling would return the news as read here, and write nothing."""
        return settlement.reported is None or not (self.updates or self.elsewhere)

    def read(self, wrote: int | None = None) -> Settled:
        """What settling would return; `wrote`: the `seq` written since."""
        return Settled(
            cursor=self.cursor if wrote is None else wrote,
            updates=updates_of(self.updates),
            updates_more=self.waiting - len(self.updates),
            elsewhere=updates_elsewhere_of(self.elsewhere),
            elsewhere_more=self.waiting_elsewhere - len(self.elsewhere),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundNews:
    """News read along with a command's first statement."""

    asked: Settlement
    news: Later[NewsLookedForRow] | Later[NewsFoundRow]

    def suffices(self, settlement: Settlement, *, changed: bool) -> Settled | None:
        """What settling would return if it has nothing to write and, unless something `changed`,
        nobody to notify; else None.
        """
        if (
            settlement.session_id != self.asked.session_id
            or settlement.pushed
            or changed
            or settlement.own_events
        ):
            return None
        row = self.news.only()
        if not row.is_settled(settlement) or not row.remembered:
            return None
        if row.paused and settlement.resumed:
            return None
        # The news was read before the write: what others wrote since may be news too.
        if settlement.wrote is not None and settlement.wrote != (row.last_seq or 0) + 1:
            return None
        return row.read(settlement.wrote)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledRow:
    """Columns of settle.sql."""

    durability: str
    cursor: int | None
    updates: list[Json]
    waiting: int
    reported: int
    elsewhere: list[Json]
    waiting_elsewhere: int
    notified: bool | None

    def read(self) -> Settled:
        """The row with its JSON lists parsed."""
        return Settled(
            cursor=self.cursor,
            updates=updates_of(self.updates),
            updates_more=self.waiting - len(self.updates) - self.reported,
            reported=self.reported,
            elsewhere=updates_elsewhere_of(self.elsewhere),
            elsewhere_more=self.waiting_elsewhere - len(self.elsewhere),
        )


def updates_of(items: Sequence[Json]) -> list[Update]:
    """Updates of the reader's session."""
    return [
        Update(
            event_id=item["event_id"],
            type=item["type"],
            created_at=datetime.fromisoformat(item["created_at"]),
            task_id=item["task_id"],
            data=item["data"],
            times=item["times"],
            seq=item["seq"],
        )
        for item in items
    ]


def updates_elsewhere_of(items: Sequence[Json]) -> list[UpdateElsewhere]:
    """Updates of other sessions, or of all."""
    return [
        UpdateElsewhere(
            event_id=item["event_id"],
            type=item["type"],
            created_at=datetime.fromisoformat(item["created_at"]),
            task_id=item["task_id"],
            data=item["data"],
            times=item["times"],
            event_no=item["event_no"],
            session_id=item["session_id"],
            session_title=item["title"],
        )
        for item in items
    ]
