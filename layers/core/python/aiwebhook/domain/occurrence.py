"""An event as MCP clients get it, by whatever way: enough to tell a user, and how to read the rest.

What agents and people wrote is in it as data; it tells nobody what to do. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiwebhook.clock import rfc3339
from aiwebhook.domain.event import EventType
from aiwebhook.domain.say_event import say_event
from aiwebhook.domain.say_phrases import title
from aiwebhook.domain.say_text import cut

Json = dict[str, Any]
_SAY_CHARS = 600
_TEXT_CHARS = 200
_TASK, _SESSION = "task.", "session."


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """An event of the log, with what its session is called and the agent of its task."""

    event_id: str
    type: str
    created_at: datetime
    session_id: str | None
    seq: int | None
    task_id: str | None
    data: Mapping[str, Any]
    session_title: str | None
    agent_name: str | None
    by_itself: bool = False
    """Of a task that the very reader has delegated, over MCP."""


def occurrence(name: str, event: LoggedEvent, *, cursor: str) -> Json:
    """The event under the name it is followed by; `cursor` is where its reader goes on."""
    return {
        "eventId": event.event_id,
        "name": name,
        "timestamp": rfc3339(event.created_at),
        "data": _data(event),
        "cursor": cursor,
    }


def say_after_gap(say: str) -> str:
    """Its first sentence, and that more has happened than was sent."""
    head, stop, _ = say.partition(". ")
    return f"{head}{stop.strip()} There is earlier news too; ask for the updates."


def _data(event: LoggedEvent) -> Json:
    agent = event.agent_name or event.data.get("agent_name")
    told: Json = {
        "say": cut(say_event(event.type, event.data, session=event.session_title), _SAY_CHARS),
        "title": title(event.session_title or "") or None,
        "type": event.type,
        "status": _status(event.type),
        "task_id": event.task_id,
        "session_id": event.session_id,
        "agent": agent[:_TEXT_CHARS] if isinstance(agent, str) else None,
        "seq": event.seq,
        "read_with": _read_with(event),
        "actor": _actor(event),
    }
    told |= {name: _plain(event.data.get(name)) for name in _FACTS.get(event.type, ())}
    return {name: value for name, value in told.items() if value is not None}


_FACTS: Mapping[str, tuple[str, ...]] = {
    EventType.MEMORY_STORED: ("key",),
    EventType.ARTIFACT_CREATED: ("artifact_id", "name"),
    EventType.DELIVERY_RECEIVED: ("delivery_id", "source", "event"),
}
"""Which fields of an event's data are published, by type."""


def _status(event_type: str) -> str | None:
    for family in (_TASK, _SESSION):
        if event_type.startswith(family) and event_type != EventType.TASK_PROGRESS:
            return event_type.removeprefix(family)
    return None


def _actor(event: LoggedEvent) -> Json | None:
    """Who did it. `self`: it comes of what the reader itself has asked for."""
    return None if event.task_id is None else {"kind": "agent", "self": event.by_itself}


def _read_with(event: LoggedEvent) -> Json | None:
    """The tool that tells more, with its arguments."""
    if event.task_id is not None:
        named: Json = {"task": event.task_id}
        name = event.data.get("name")
        if event.type == EventType.ARTIFACT_CREATED and isinstance(name, str):
            named["artifact"] = name[:_TEXT_CHARS]
        return {"tool": "get_task", "arguments": named}
    if event.session_id is None or event.type == EventType.SESSION_DELETED:
        return None
    if event.type == EventType.MEMORY_STORED:
        return {"tool": "search_memories", "arguments": {"session": event.session_id}}
    return {"tool": "continue_session", "arguments": {"session": event.session_id}}


def _plain(value: object) -> object:
    return value[:_TEXT_CHARS] if isinstance(value, str) else None
