"""Errors of events/*. The texts disagree about their numbers: this table is the one place."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from session_api.mcp.eras import MCP_PREFIX
from session_api.mcp.jsonrpc import INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from session_api.mcp.eras import McpClient

EVENTS_EXTENSION = f"{MCP_PREFIX}events"


class EventsRefusal(StrEnum):
    """Why a request for events is refused."""

    NOT_FOUND = "not_found"
    """No such kind, session, task or subscription."""
    FORBIDDEN = "forbidden"
    """The caller may not."""
    RESOURCE_EXHAUSTED = "resource_exhausted"
    """A limit is reached; `data` names it."""
    UNSUPPORTED = "unsupported"
    """This kind does not have it; `data` names it."""
    CALLBACK_ENDPOINT = "callback_endpoint"
    """The callback URL does not answer as it must; `data.reason` says how."""


_SKETCH: Mapping[EventsRefusal, int] = {
    EventsRefusal.NOT_FOUND: -32011,
    EventsRefusal.FORBIDDEN: -32012,
    EventsRefusal.RESOURCE_EXHAUSTED: -32013,
    EventsRefusal.UNSUPPORTED: -32014,
    EventsRefusal.CALLBACK_ENDPOINT: -32015,
}
"""The design sketch: ChatGPT, and every server that runs today."""
_SEP_3415: Mapping[EventsRefusal, int] = {
    EventsRefusal.NOT_FOUND: -32023,
    EventsRefusal.FORBIDDEN: -32024,
    EventsRefusal.RESOURCE_EXHAUSTED: -32025,
    EventsRefusal.UNSUPPORTED: -32026,
    EventsRefusal.CALLBACK_ENDPOINT: -32027,
}
"""The draft of 5 October 2026, which calls them provisional."""


def events_error(
    client: McpClient, why: EventsRefusal, message: str, **data: str | int
) -> RpcError:
    """The error, by the numbers of the text that the client follows: who declares the extension
    follows the SEP.
    """
    codes = _SEP_3415 if EVENTS_EXTENSION in client.extensions else _SKETCH
    return RpcError(codes[why], message, data=data or None, status=200)


def invalid(message: str) -> RpcError:
    """What does not fit the request's shape."""
    return RpcError(INVALID_PARAMS, f"Invalid params: {message}.")
