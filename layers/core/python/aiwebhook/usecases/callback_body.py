"""The body of a callback: `{type, timestamp, data}`, thin unless its endpoint
asks for full bodies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aiwebhook.clock import rfc3339
from aiwebhook.ports.deliveries import ClaimedDelivery

FULL_LIMIT = 512 * 1024  # bytes; a larger body is sent thin and says so
_TEXT_LIMIT = 4_000  # bytes each for say, message, remedy and facts: below 20 kB with all the ids
_TASK = "task."


def callback_body(claimed: ClaimedDelivery) -> bytes:
    """The exact bytes that are signed and sent; thin ones stay below 20 kB."""
    thin = _document(claimed, _thin_data(claimed))
    if claimed.payload != "full":
        return thin
    whole = {
        **_thin_data(claimed),
        "event": dict(claimed.event_data),
        "output": claimed.output,
        "notes": claimed.notes,
        "error": claimed.error,
    }
    full = _document(claimed, whole)
    if len(full) <= FULL_LIMIT:
        return full
    return _document(claimed, {**_thin_data(claimed), "truncated": True})


def _document(claimed: ClaimedDelivery, data: Mapping[str, Any]) -> bytes:
    document = {
        "type": claimed.event_type,
        "timestamp": rfc3339(claimed.created_at),
        "data": {name: value for name, value in data.items() if value is not None},
    }
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _thin_data(claimed: ClaimedDelivery) -> dict[str, Any]:
    is_task = claimed.event_type.startswith(_TASK)
    facts = claimed.event_data
    return {
        "event_id": claimed.event_id,
        "project_id": claimed.project_id,
        "session_id": claimed.session_id,
        "seq": claimed.seq,
        "task_id": claimed.task_id,
        "agent_name": claimed.agent_name or _text(facts.get("agent_name"), 128),
        "status": claimed.event_type.removeprefix(_TASK) if is_task else None,
        "say": _text(claimed.say or facts.get("say"), _TEXT_LIMIT),
        "error": _error(claimed.error),
        "result_url": _result_url(claimed),
        "correlation_id": _text(claimed.correlation_id, 256),
        "facts": None if is_task else _small_facts(facts),
    }


def _error(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not error:
        return None
    known = {
        "error_class": _text(error.get("error_class"), 64),
        "message": _text(error.get("message"), _TEXT_LIMIT),
        "remedy": _text(error.get("remedy"), _TEXT_LIMIT),
    }
    return {name: value for name, value in known.items() if value is not None}


def _result_url(claimed: ClaimedDelivery) -> str | None:
    """The API path of the whole result."""
    artifact_id = claimed.event_data.get("artifact_id")
    if isinstance(artifact_id, str):
        return f"/v1/artifacts/{quote(artifact_id, safe='')}"
    if claimed.task_id is not None:
        return f"/v1/tasks/{quote(claimed.task_id, safe='')}"
    if claimed.session_id is not None and claimed.seq is not None:
        session = quote(claimed.session_id, safe="")
        return f"/v1/sessions/{session}/events?after_seq={claimed.seq - 1}&limit=1"
    return None


def _small_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of an event's data: key, name, type, status, reason and the like."""
    kept: dict[str, Any] = {}
    room = _TEXT_LIMIT
    for name, value in facts.items():
        plain = value is None or isinstance(value, (bool, int, float, str))
        room -= len(json.dumps([name, value])) if plain else 0
        if plain and room >= 0:
            kept[name] = value
    return kept


def _text(value: object, limit: int) -> str | None:
    """Cut to `limit` bytes as JSON writes it: an emoji alone takes twelve."""
    if not isinstance(value, str):
        return None
    text = value[:limit]
    while (size := len(json.dumps(text))) > limit:
        text = text[: len(text) * limit // (size + 1)]
    return text
