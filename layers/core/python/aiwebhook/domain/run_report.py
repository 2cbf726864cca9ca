"""Makes the reports of a running task storable. Pure.

As in `terminal_report`: no progress report and no artifact is refused for its content. What has the
wrong shape for its call (two contents, no list of events) is left as it is, for the endpoint to
refuse with a remedy.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from aiwebhook.domain.notes import Notes, step
from aiwebhook.domain.repair import cut_text, fitted, repaired

MAX_NAME = 500  # characters, as of every text below
MAX_LABEL = 100
MAX_EVENT_TYPE = 64
EVENT_BYTES = 64 * 1024
METADATA_BYTES = 64 * 1024
_OF_AN_EVENT = frozenset({"type", "at", "data"})

Json: TypeAlias = dict[str, Any]


def repair_events(report: Mapping[str, Any], notes: Notes) -> Json:
    """Events, first_no and usage; fields that no event has are kept in its data."""
    given = repaired(report, notes, "")
    kept = {name: given[name] for name in ("events", "first_no", "usage") if name in given}
    events = kept.get("events", [])
    if isinstance(events, list):
        items = enumerate(cast("list[object]", events))
        kept["events"] = [_event(item, notes, f"/events/{index}") for index, item in items]
    if not isinstance(kept.get("usage"), dict):
        kept.pop("usage", None)
    return kept


def _event(value: object, notes: Notes, pointer: str) -> Json:
    fields = cast("Json", value) if isinstance(value, dict) else {"data": value}
    kind, at = fields.get("type"), fields.get("at")
    more = {name: item for name, item in fields.items() if name not in _OF_AN_EVENT}
    data = {**more, **_object(fields.get("data"))}
    event: Json = {
        "type": kind[:MAX_EVENT_TYPE] if isinstance(kind, str) and kind else "log",
        "data": fitted(data, EVENT_BYTES, notes, f"{pointer}/data"),
    }
    return {**event, "at": at[:MAX_EVENT_TYPE]} if isinstance(at, str) else event


def repair_heartbeat(report: Mapping[str, Any], notes: Notes) -> Json:
    """A heartbeat must never fail because of its other fields."""
    given = repaired(report, notes, "")
    status, progress = given.get("status"), given.get("progress")
    return {
        "status": status[:200] if isinstance(status, str) else None,
        "progress": None
        if progress is None
        else fitted(_object(progress), EVENT_BYTES, notes, "/progress"),
    }


def repair_artifact(report: Mapping[str, Any], notes: Notes) -> Json:
    """Name, type, format, content or content_sha256, content_type, metadata."""
    given = repaired(report, notes, "")
    kept = {name: item for name, item in given.items() if name in _OF_AN_ARTIFACT}
    for name in given:
        if name not in kept:
            notes.add(step("", name), "is not a field of an artifact; it was left out.")
    kept["name"] = artifact_name(kept.get("name"), notes)
    kept["type"] = _label(kept.get("type"), notes, "/type") or "file"
    kept["format"] = _label(kept.get("format"), notes, "/format")
    content = kept.get("content")
    # Of the report: what cannot be stored (Infinity) is null by now, but it was given.
    if report.get("content") is not None and not isinstance(content, str):
        notes.add("/content", "was not text; it is kept as JSON.")
        kept["content"] = json.dumps(content, ensure_ascii=False)
    media = kept.get("content_type")
    if media is not None and not (isinstance(media, str) and _MEDIA.fullmatch(media)):
        notes.add("/content_type", "was no media type; it was left out.")
        kept["content_type"] = None
    kept["metadata"] = fitted(_object(kept.get("metadata")), METADATA_BYTES, notes, "/metadata")
    return kept


_MEDIA = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,99}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,99}"
    r"(; ?charset=[A-Za-z0-9._-]{1,40})?"
)
_OF_AN_ARTIFACT = frozenset(
    {"name", "type", "format", "content", "content_sha256", "content_type", "metadata"}
)


def artifact_name(value: object, notes: Notes) -> str:
    """At most 500 characters. What is longer is truncated and made unique by its digest: two
    artifacts must not become one.
    """
    if not isinstance(value, str) or not value.strip():
        notes.add("/name", "was missing or blank; the artifact has a name of its own.")
        return "artifact"
    if len(value) <= MAX_NAME:
        return value
    digest = hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:16]
    notes.add("/name", f"had {len(value)} characters; it was cut to {MAX_NAME}.")
    return f"{value[: MAX_NAME - 17]}~{digest}"


def _label(value: object, notes: Notes, pointer: str) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        notes.add(pointer, "was not text; it was left out.")
        return None
    return cut_text(value, MAX_LABEL, notes, pointer)


def _object(value: object) -> Json:
    if value is None:
        return {}
    if isinstance(value, dict):
        return cast("Json", value)
    return {"message" if isinstance(value, str) else "value": value}
