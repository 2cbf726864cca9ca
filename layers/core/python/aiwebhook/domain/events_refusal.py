"""Refusals of MCP Events, and their error codes. The texts disagree about the numbers: this table
is the one place. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class EventsRefusal(StrEnum):
    """Why a request for events is refused, or a subscription has ended."""

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
_SEP_3415: Mapping[EventsRefusal, int] = {
    EventsRefusal.NOT_FOUND: -32023,
    EventsRefusal.FORBIDDEN: -32024,
    EventsRefusal.RESOURCE_EXHAUSTED: -32025,
    EventsRefusal.UNSUPPORTED: -32026,
    EventsRefusal.CALLBACK_ENDPOINT: -32027,
}


class ErrorCodes(StrEnum):
    """The text whose error codes a client understands."""

    SKETCH = "sketch"
    """The design sketch: ChatGPT, and every server that runs today."""
    SEP = "sep"
    """The draft of SEP-3415 of 5 October 2026, which calls them provisional."""

    def of(self, why: EventsRefusal) -> int:
        """The JSON-RPC error code."""
        return (_SKETCH if self is ErrorCodes.SKETCH else _SEP_3415)[why]
