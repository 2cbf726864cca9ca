"""What a payload from outside says it is about. Pure, and never raises, whatever was sent."""

from __future__ import annotations

import json
import re
from typing import Any, cast
from urllib.parse import parse_qsl

from aiwebhook.domain.storable import storable_text

MAX_TOLD = 200
"""How many characters are kept of an action, a repository's name or an event's type."""
_BOM = b"\xef\xbb\xbf"
_FIELDS = 200
_INDEX = re.compile("0|[1-9][0-9]{0,3}", re.ASCII)
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


def value_at(payload: object, pointer: str) -> object:
    """What stands at a JSON pointer (RFC 6901); None where nothing does."""
    found = find_at(payload, pointer)
    return found[0] if found else None


def find_at(payload: object, pointer: str) -> tuple[object] | None:
    """The same, with null and nothing told apart: None where nothing stands there."""
    place = payload
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(place, dict) and name in place:
            place = cast("dict[str, Any]", place)[name]
        elif isinstance(place, list) and _INDEX.fullmatch(name):
            items = cast("list[Any]", place)
            if int(name) >= len(items):
                return None
            place = items[int(name)]
        else:
            return None
    return (place,)


def told_at(payload: object, pointer: str) -> str | None:
    """The text at a JSON pointer, as it can be kept; None where there is none."""
    place = value_at(payload, pointer)
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
