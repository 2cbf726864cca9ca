"""What MCP clients follow: which events, from where on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aiwebhook.domain.occurrence import LoggedEvent
from aiwebhook.ports.observation import EventPosition, ProjectEventRow


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Types of the log, narrowed by what is given; `facts` are equal in an event's own data."""

    types: Sequence[str]
    session_id: str | None = None
    task_id: str | None = None
    agent_name: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRange:
    """Behind `after`, written at `since` or later and before `before`, at most `limit`."""

    after: EventPosition
    limit: int
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingEvent(ProjectEventRow):
    """An event that is followed, with what tells a user more than ids do."""

    session_title: str | None
    agent_name: str | None

    @property
    def logged(self) -> LoggedEvent:
        """As occurrences are made of it."""
        return LoggedEvent(
            event_id=self.event_id,
            type=self.type,
            created_at=self.created_at,
            session_id=self.session_id,
            seq=self.seq,
            task_id=self.task_id,
            data=self.data,
            session_title=self.session_title,
            agent_name=self.agent_name,
        )
