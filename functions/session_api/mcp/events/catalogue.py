"""events/list: the kinds of events, with the schemas of their arguments and payloads."""

from __future__ import annotations

from functools import cache
from typing import Any

from aiwebhook.domain.event_kind import EVENT_KINDS, EventKind

Json = dict[str, Any]
_TEXT: Json = {"type": "string", "minLength": 1, "maxLength": 128}
_ABOUT = {
    "session_id": "Only events of this session",
    "task_id": "Only events of this task",
    "agent": "Only of tasks of this agent",
    "types": "Only these",
    "source": "Only of this sender, such as github",
    "event": "Only of this event of the sender, such as push",
}


@cache
def listed_events() -> tuple[Json, ...]:
    """In the order of the catalogue: what most users want comes first."""
    return tuple(_descriptor(kind) for kind in EVENT_KINDS.values())


def _descriptor(kind: EventKind) -> Json:
    return {
        "name": kind.name,
        "description": kind.description,
        "delivery": [str(way) for way in kind.follow],
        "inputSchema": _input_schema(kind),
        "payloadSchema": _payload_schema(kind),
    }


def _input_schema(kind: EventKind) -> Json:
    properties: Json = {name: {**_TEXT, "description": _ABOUT[name]} for name in kind.filters}
    if "types" in properties:
        properties["types"] = {
            "type": "array",
            "items": {"enum": [str(each) for each in kind.types]},
            "minItems": 1,
            "uniqueItems": True,
            "description": _ABOUT["types"],
        }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _payload_schema(kind: EventKind) -> Json:
    """An open schema: fields added later break no reader."""
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "say": {**text, "description": "What to tell the user, in at most two sentences"},
            "title": {**text, "description": "What the session is called"},
            "type": {"enum": [str(each) for each in kind.types]},
            **dict.fromkeys(("status", "task_id", "session_id", "agent"), text),
            "seq": {"type": "integer", "description": "Its place in the session"},
            "read_with": {
                "type": "object",
                "description": "The tool that tells more",
                "properties": {"tool": text, "arguments": {"type": "object"}},
            },
            "actor": {
                "type": "object",
                "description": "Who did it; self: what this connection itself has asked for",
                "properties": {"kind": text, "self": {"type": "boolean"}},
            },
            "wakes_left": {
                "type": "integer",
                "description": "Webhook only: how many more times this chat may be woken for now",
            },
            "gap": {
                "type": "boolean",
                "description": "Webhook only: events before this one were not sent",
            },
            "notice": {
                **text,
                "description": "Webhook only: why fewer events than expected will come for now",
            },
        },
        "required": ["say", "type"],
    }
