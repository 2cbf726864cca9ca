"""The JSON edge: bytes from a stranger in, values that our own wire accepts out."""

import json
import math
from typing import TypeAlias, cast

JsonObject: TypeAlias = dict[str, object]


class NotJsonObject(ValueError):
    """The bytes are not one JSON object that can be passed on; the message says why."""


def decode_object(raw: bytes) -> JsonObject:
    """Parse one JSON object. NUL and lone surrogates become U+FFFD, because neither PostgreSQL
    text nor UTF-8 can hold them and one odd character should not lose a result."""
    try:
        value: object = json.loads(raw, parse_constant=_refuse_constant, parse_float=_finite)
        if not isinstance(value, dict):
            raise NotJsonObject("not a JSON object")
        return cast("JsonObject", _cleaned(cast("object", value)))
    except RecursionError as exc:
        raise NotJsonObject("nested too deeply") from exc
    except UnicodeDecodeError as exc:
        raise NotJsonObject("not UTF-8") from exc
    except json.JSONDecodeError as exc:
        raise NotJsonObject(f"not JSON: {exc.msg}") from exc


def encode(value: object) -> bytes:
    """Compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def cleaned_text(text: str) -> str:
    """The text without what UTF-8 or PostgreSQL cannot hold."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # A pair of surrogate escapes is one character; only lone ones are lost.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return cleaned_text(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return {cleaned_text(key): _cleaned(item) for key, item in pairs}
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJsonObject(f"number out of range: {text[:20]}")
    return number


def _refuse_constant(text: str) -> float:
    raise NotJsonObject(f"{text} is not JSON")
