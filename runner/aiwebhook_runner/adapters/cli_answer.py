"""The final text of a command-line agent: as a Result, as JSON."""

import json
from typing import cast

from aiwebhook_runner.jsons import JsonObject, NotJsonObject, decode_object
from aiwebhook_runner.messages import Result
from aiwebhook_runner.speech import spoken

MAX_TRIES = 200
"""Opening braces looked at in a text that should hold one JSON object."""


def answer(text: str) -> Result:
    """The answer in words; a schema's fields are added by whoever knows the schema."""
    return Result(output={"text": text}, say=spoken(text) or None)


def object_in(text: str) -> JsonObject | None:
    """The JSON object that the text is or contains, the last and outermost one; None without."""
    whole = _decoded(text.strip())
    if whole is not None:
        return whole
    decoder = json.JSONDecoder()
    found: JsonObject | None = None
    at = text.find("{")
    for _ in range(MAX_TRIES):
        if at < 0:
            break
        end = at + 1
        try:
            value, end = cast("tuple[object, int]", decoder.raw_decode(text, at))
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            found = _decoded(text[at:end]) or found
        at = text.find("{", end)
    return found


def _decoded(text: str) -> JsonObject | None:
    try:
        return decode_object(text.encode("utf-8", "replace"))
    except NotJsonObject:
        return None
