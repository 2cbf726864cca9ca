"""Where in the log a request starts: after its cursor, with events no older than it allows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiwebhook.errors import Invalid
from session_api.mcp.events.refusals import invalid
from session_api.pages import event_position

if TYPE_CHECKING:
    from aiwebhook.ports.observation import FeedPosition
    from session_api.mcp.definition import RequestContext

_LONGEST_AGE_MS = 10 * 365 * 86_400_000


def place_of(context: RequestContext) -> FeedPosition | None:
    """The position of the cursor; None without one, and for one that can no longer be read. Raises
    RpcError if it is not a string.
    """
    cursor = context.params.get("cursor")
    if cursor is None:
        return None
    if not isinstance(cursor, str):
        raise invalid("cursor must be text or null")
    try:
        place = event_position(cursor)
    except Invalid:
        return None
    return context.api.observations.feed_position(project_id=context.caller.project_id, after=place)


def since_of(context: RequestContext) -> datetime | None:
    """The earliest time of an event; None: no limit. Raises RpcError."""
    age_ms = whole(context, "maxAgeMs")
    if age_ms is None:
        return None
    return context.api.clock() - timedelta(milliseconds=min(age_ms, _LONGEST_AGE_MS))


def whole(context: RequestContext, name: str, *, least: int = 0) -> int | None:
    """An integer parameter; None if it is missing. Raises RpcError."""
    value = context.params.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise invalid(f"{name} must be a whole number of at least {least}")
    return value
