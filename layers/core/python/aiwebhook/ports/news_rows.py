"""Rows of news: what a reader has not acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An event that a reader has not acknowledged; `times`: how often it has been sent
    to the reader.
    """

    event_id: str
    type: str
    created_at: datetime
    task_id: str | None
    data: Json
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(News):
    """News of the reader's session."""

    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateElsewhere(News):
    """An update of another session."""

    event_no: int
    session_id: str
    session_title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The news for a reply, and how many more there are, counted up to 1,000.

    `cursor` is the session's last `seq`, or that of the last update when more follow; None: no such
    session. `reported`: how much of the news the reply itself reports.
    """

    cursor: int | None = None
    updates: Sequence[Update] = ()
    updates_more: int = 0
    reported: int = 0
    elsewhere: Sequence[UpdateElsewhere] = ()
    elsewhere_more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionNews:
    """Unacknowledged news of a session, oldest first, and its total number, counted up to 1,000.
    `pruned`: news that retention deleted before it was acknowledged.
    """

    updates: Sequence[Update]
    total: int
    pruned: int
    last_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectNews:
    """The same of all sessions."""

    updates: Sequence[UpdateElsewhere]
    total: int
    pruned: int
