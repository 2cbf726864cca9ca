"""The methods events/*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from session_api.mcp.events.catalogue import listed_events
from session_api.mcp.events.polling import poll_events
from session_api.mcp.events.refusals import EVENTS_EXTENSION, invalid
from session_api.mcp.events.subscribing import subscribe_to_events, unsubscribe_from_events

if TYPE_CHECKING:
    from session_api.mcp.definition import Method, RequestContext

Json = dict[str, Any]


def list_events(context: RequestContext) -> Json:
    """The result of events/list, one page: refuses any cursor. Raises RpcError."""
    if context.params.get("cursor") is not None:
        raise invalid("cursor is not one this server returned")
    return {"events": list(listed_events())}


EVENT_METHODS: Mapping[str, Method] = {
    "events/list": list_events,
    "events/poll": poll_events,
    "events/subscribe": subscribe_to_events,
    "events/unsubscribe": unsubscribe_from_events,
}

CAPABILITY: Json = {"listChanged": False}
"""The catalogue changes only with a release."""
CAPABILITIES: Json = {"events": CAPABILITY}
EXTENSIONS: Json = {EVENTS_EXTENSION: CAPABILITY}
"""The two keys that the versions of the specification use for it."""
