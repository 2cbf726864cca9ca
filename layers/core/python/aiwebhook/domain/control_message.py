"""Messages about a subscription itself, beside its events: that some were not sent (a gap),
and that it has ended (terminated). Clients tell them from events by their `type`; ChatGPT
ignores both. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiwebhook.domain.events_refusal import ErrorCodes, EventsRefusal

Json = dict[str, Any]


class ControlType(StrEnum):
    """What a message is about; its `type`."""

    GAP = "gap"
    """Events behind its cursor were not sent; a poll from there has them."""
    TERMINATED = "terminated"
    """The server has ended the subscription; nothing more will come."""


class EndReason(StrEnum):
    """Why the server ended a subscription."""

    REVOKED = "revoked"
    """The key or connection that asked for it is revoked."""
    KIND_REMOVED = "kind_removed"
    """There are no such events any more."""
    SESSION_DELETED = "session_deleted"
    """What it followed alone is no more."""
    ENDED = "ended"
    """An admin ended it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    refusal: EventsRefusal
    message: str
    data: Json


_ENDS: Mapping[EndReason, _End] = {
    EndReason.REVOKED: _End(
        refusal=EventsRefusal.FORBIDDEN,
        message="The key or connection that subscribed was revoked.",
        data={"reason": "revoked"},
    ),
    EndReason.KIND_REMOVED: _End(
        refusal=EventsRefusal.NOT_FOUND,
        message="There are no such events any more.",
        data={"kind": "event"},
    ),
    EndReason.SESSION_DELETED: _End(
        refusal=EventsRefusal.NOT_FOUND,
        message="The session was deleted.",
        data={"kind": "session"},
    ),
    EndReason.ENDED: _End(
        refusal=EventsRefusal.FORBIDDEN,
        message="The subscription was ended by an admin of the project.",
        data={"reason": "ended"},
    ),
}


def gap(cursor: str) -> Json:
    """Tells of events that were not sent; `cursor` lies before them."""
    return {"type": ControlType.GAP, "cursor": cursor}


def terminated(reason: EndReason, codes: ErrorCodes) -> Json:
    """Tells why a subscription has ended."""
    end = _ENDS[reason]
    error = {"code": codes.of(end.refusal), "message": end.message, "data": end.data}
    return {"type": ControlType.TERMINATED, "error": error}


def message_id(control: ControlType, event_id: str) -> str:
    """Of a message that is sent in the place of an event: the same at every attempt."""
    return f"msg_{control}_{event_id.removeprefix('evt_')}"
