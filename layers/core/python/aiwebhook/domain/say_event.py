"""A spoken sentence for every event that is reported to people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.domain.event import REPORTED, EventType
from aiwebhook.domain.say_phrases import a, agent_in_words, ended, file_title, spaced, title
from aiwebhook.domain.say_text import capitalized

_SESSIONS: Mapping[str, str] = {
    EventType.SESSION_CREATED: "was opened",
    EventType.SESSION_PAUSED: "was paused",
    EventType.SESSION_RESUMED: "goes on",
    EventType.SESSION_COMPLETED: "was completed",
    EventType.SESSION_DELETED: "was deleted",
}


def say_event(event_type: str, data: Mapping[str, Any], *, session: str | None = None) -> str:
    """At most two sentences: the event's own `say` if it has one. `data` is the event's data,
    `session` the title of its session.
    """
    own_say = data.get("say")
    if isinstance(own_say, str) and own_say:
        return own_say
    if event_type in REPORTED:
        return _say_task(event_type, data)
    if event_type in _SESSIONS:
        name = title(str(data.get("title") or session or ""))
        subject = f"The session {name}" if name else "A session"
        return f"{subject} {_SESSIONS[event_type]}."
    return _say_other(event_type, data)


def _say_task(event_type: str, data: Mapping[str, Any]) -> str:
    task = {
        "agent_name": "agent",
        "agent_title": None,
        "error": None,
        **data,
        "status": event_type.removeprefix("task."),
    }
    if event_type == EventType.TASK_INPUT_REQUIRED:
        return capitalized(f"{agent_in_words(task)} has a question.")
    return ended(task)


def _say_other(event_type: str, data: Mapping[str, Any]) -> str:
    match event_type:
        case EventType.MEMORY_STORED:
            kind = capitalized(a(spaced(str(data.get("type") or "memory"))))
            name = title(str(data.get("key") or ""))
            return f"{kind} was saved: {name}." if name else f"{kind} was saved."
        case EventType.ARTIFACT_CREATED:
            name = file_title(str(data.get("name") or ""))
            return f"A document was made: {name}." if name else "A document was made."
        case EventType.DELIVERY_RECEIVED:
            source = title(str(data.get("source") or "")) or "somebody"
            return f"A webhook of {source} came in: {title(str(data.get('event') or 'an event'))}."
        case _:
            return "The agent is at work."
