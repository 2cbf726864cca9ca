"""The methods events/*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from session_api.mcp.events.catalogue import listed_events
from session_api.mcp.events.polling import poll_events
from session_api.mcp.events.refusals import EVENTS, invalid

if TYPE_CHECKING:
    from session_api.mcp.offers import Method, Turn

Json = dict[str, Any]


def list_events(turn: Turn) -> Json:
    """Implements offers.Method: one page. Raises RpcError for a cursor, which we never returned."""
    if turn.params.get("cursor") is not None:
        raise invalid("cursor is not one this server returned")
    return {"events": list(listed_events())}


METHODS: Mapping[str, Method] = {"events/list": list_events, "events/poll": poll_events}

CAPABILITY: Json = {"listChanged": False}
"""The catalogue changes with a release only."""
CAPABILITIES: Json = {"events": CAPABILITY}
EXTENSIONS: Json = {EVENTS: CAPABILITY}
"""The two keys under which the texts look for it."""
