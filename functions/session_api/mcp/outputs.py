"""JSON Schema of each tool's structured content; clients validate results with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from session_api.reply_schemas import REPLY_DATA

Json = dict[str, Any]
_TEXT: Json = {"type": "string"}
_TEXT_OR_NULL: Json = {"type": ["string", "null"]}
_WHOLE: Json = {"type": "integer"}
_ANY_OBJECT: Json = {"type": "object"}
_UPDATE: Mapping[str, Json] = {
    "id": _TEXT,
    "type": _TEXT,
    "time": {"type": "string", "format": "date-time"},
    "task_id": _TEXT_OR_NULL,
    "times": _WHOLE,
    "say": _TEXT,
}
_PAGE: Json = {
    "type": "object",
    "description": "What `artifact` names: a page of its text, or where its bytes are",
    "properties": {
        "artifact_id": _TEXT,
        "name": _TEXT,
        "type": _TEXT,
        "text": _TEXT,
        "page": _WHOLE,
        "pages": _WHOLE,
        "size": _WHOLE,
        "content_url": _TEXT,
        "content_url_expires_at": _TEXT,
    },
    "required": ["name"],
}


@cache
def output_schema(command: str) -> Json:
    """The schema for the tool of this command. Results may hold more than it requires."""
    return {
        "type": "object",
        "properties": {
            "say": {"type": "string", "description": "The result, fit to be spoken"},
            "session_id": {"type": ["string", "null"], "description": "The session it is about"},
            "data": _data(command),
            "updates": _news(
                "What finished or asks something in this session, not yet passed on",
                seq=_WHOLE,
                data=_ANY_OBJECT,
            ),
            "updates_more": _WHOLE,
            "elsewhere": _news(
                "The same for other sessions", session_id=_TEXT, session_title=_TEXT_OR_NULL
            ),
            "elsewhere_more": _WHOLE,
            "cursor": {"type": ["integer", "null"]},
            "next": {"type": ["string", "null"], "description": "What to do next, if anything"},
            "notes": {"type": "array", "items": _TEXT},
        },
        "required": ["say", "session_id", "data", "updates", "elsewhere", "cursor", "next"],
    }


def _data(command: str) -> Json:
    """The schema of `data`: that of the command's reply, with the tool's changes."""
    schema = REPLY_DATA[command]
    if command == "get_task":
        return {**schema, "properties": {**schema["properties"], "artifact": _PAGE}}
    if command == "get_updates":  # they lie beside `data`, as they do in every result
        return {
            **schema,
            "properties": {k: v for k, v in schema["properties"].items() if k != "updates"},
            "required": [name for name in schema["required"] if name != "updates"],
        }
    return schema


def _news(about: str, **more: Json) -> Json:
    item = {"type": "object", "properties": {**_UPDATE, **more}, "required": ["id", "say"]}
    return {"type": "array", "items": item, "description": about}
