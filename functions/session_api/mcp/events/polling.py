"""events/poll: events after a cursor, immediately or as soon as there are any. It stores nothing:
the cursor is a position in the project's log, held by the client.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.answer_size import fitting
from aiwebhook.domain.event_kind import Follow
from aiwebhook.domain.next_poll import IDLE_POLL_MS
from aiwebhook.domain.occurrence import occurrence
from aiwebhook.ports.subscriptions import EventRange
from aiwebhook.usecases.granted_waits import AskedWait, Polled, granted_poll
from aiwebhook.usecases.long_poll import MAX_WAIT_S
from session_api.mcp.events.following import Followed, followed
from session_api.mcp.events.place import place_of, since_of, whole
from session_api.pages import cursor_at

if TYPE_CHECKING:
    from aiwebhook.ports.observation import EventPosition, FeedPosition
    from aiwebhook.ports.subscriptions import MatchingEvent
    from session_api.mcp.definition import RequestContext

Json = dict[str, Any]
NEXT_POLL_MS = IDLE_POLL_MS
MOST_EVENTS = 100
_DEFAULT_EVENTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class _Poll:
    """A valid request; events written before `since` are skipped."""

    context: RequestContext
    what: Followed
    limit: int
    wait_s: float
    since: datetime | None

    def find(self, start: FeedPosition) -> list[MatchingEvent]:
        """The events after `start`, one more than the limit."""
        return self.matching(start, limit=self.limit + 1, since=self.since)

    def skips(self, start: FeedPosition) -> bool:
        """Whether `since` skips anything."""
        return self.since is not None and bool(self.matching(start, limit=1, before=self.since))

    def matching(
        self,
        start: FeedPosition,
        *,
        limit: int,
        since: datetime | None = None,
        before: datetime | None = None,
    ) -> list[MatchingEvent]:
        return self.context.api.subscriptions.store.matching_events(
            project_id=self.context.caller.project_id,
            connection=self.context.caller.connection,
            wanted=self.what.wanted,
            within=EventRange(after=start, limit=limit, since=since, before=before),
        )


def poll_events(context: RequestContext) -> Json:
    """Implements definition.Method. Raises RpcError."""
    what = followed(context, Follow.POLL)
    limit = min(whole(context, "maxEvents", least=1) or _DEFAULT_EVENTS, MOST_EVENTS)
    wait_s = min((whole(context, "timeoutMs") or 0) / 1000, MAX_WAIT_S)
    since = since_of(context)
    start = place_of(context)
    if start is None:
        return _fresh(context, truncated=context.params.get("cursor") is not None)
    poll = _Poll(context=context, what=what, limit=limit, wait_s=wait_s, since=since)
    return _answer(poll, start)


def _answer(poll: _Poll, start: FeedPosition) -> Json:
    # Read before the events: then a page that is not full contains every match before this end,
    # and the cursor can advance to it even if none matched.
    end = poll.context.api.observations.newest_event_position()
    truncated = start.truncated or poll.skips(start)
    asked = _requested_wait(poll, held=not truncated and not poll.context.in_batch)
    polled = granted_poll(
        lambda: poll.find(start) or None,
        waits=poll.context.api.waits,
        asked=asked,
        signal=poll.context.api.observations,
    )
    rows = polled.found or []
    events = fitting([_occurrence(poll.what, row) for row in rows[: poll.limit]])
    more = len(events) < len(rows)
    last = rows[len(events) - 1].position if events else start
    return {
        "events": events,
        "cursor": cursor_at(last if more else _later(last, end)),
        "truncated": truncated,
        "hasMore": more,
        "nextPollMs": _next_poll_ms(asked, polled),
    }


def _requested_wait(poll: _Poll, *, held: bool) -> AskedWait:
    caller = poll.context.caller
    return AskedWait(
        project_id=caller.project_id,
        holder=caller.key_id,
        wait_s=poll.wait_s if held else 0,
        follows=True,
    )


def _next_poll_ms(asked: AskedWait, polled: Polled[list[MatchingEvent]]) -> int:
    """Milliseconds until the client should poll again; 0 if a held request found something."""
    if polled.next_poll_ms is not None:
        return polled.next_poll_ms
    return 0 if asked.wait_s and polled.found else NEXT_POLL_MS


def _occurrence(what: Followed, row: MatchingEvent) -> Json:
    return occurrence(what.kind.name, row.logged, cursor=cursor_at(row.position))


def _later(one: EventPosition, other: EventPosition) -> EventPosition:
    return max(one, other, key=lambda place: (int(place.xid), place.event_no))


def _fresh(context: RequestContext, *, truncated: bool) -> Json:
    """The result for a client that starts now."""
    return {
        "events": [],
        "cursor": cursor_at(context.api.observations.newest_event_position()),
        "truncated": truncated,
        "hasMore": False,
        "nextPollMs": NEXT_POLL_MS,
    }
