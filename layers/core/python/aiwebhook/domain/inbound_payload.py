"""What a payload from outside says it is about. Pure, and never raises, whatever was sent."""

from __future__ import annotations

import json
from typing import Any, cast
from urllib.parse import parse_qsl

from aiwebhook.domain.storable import storable_text

MAX_TOLD = 200
"""Characters kept of a value that is told: an action, a repository's name, an event's type."""
_BOM = b"\xef\xbb\xbf"
_FIELDS = 200
FORM = "application/x-www-form-urlencoded"


def read_payload(body: bytes, content_type: str | None) -> object:
    """The JSON of a body, or of the field `payload` of a form; a form without it as an
    object of its fields; None where it is none of these. Integers stay text, so that no
    length of them matters.
    """
    text = _decoded(body)
    if text is None:
        return None
    if (content_type or "").partition(";")[0].strip().lower() == FORM:
        fields = _form(text)
        text = fields.get("payload")
        if text is None:
            return fields
    try:
        return json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None


def told_at(payload: object, pointer: str) -> str | None:
    """The text at a JSON pointer (RFC 6901), as it can be kept; None where there is none."""
    place = payload
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(place, dict):
            place = cast("dict[str, Any]", place).get(name)
        elif isinstance(place, list) and name.isdecimal() and len(name) < len("10000"):
            items = cast("list[Any]", place)
            place = items[int(name)] if int(name) < len(items) else None
        else:
            return None
    if not isinstance(place, str) or not place:
        return None
    return storable_text(place[:MAX_TOLD])


def _decoded(body: bytes) -> str | None:
    try:
        return body.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _form(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        return {}
