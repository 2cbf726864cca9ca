"""Reads untrusted JSON: whatever is missing or malformed counts as empty, never as an error."""

import json
from typing import TypeAlias, cast

JsonObject: TypeAlias = dict[str, object]


def as_object(value: object) -> JsonObject:
    """The value if it is an object, else an empty one."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """The value if it is an array, else an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else []


def as_text(value: object) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def as_count(value: object) -> int | None:
    """The value if it is a whole number that can count something, else None."""
    return value if isinstance(value, int) and value >= 0 and value is not True else None


def objects(value: object) -> list[JsonObject]:
    """The objects of an array."""
    return [cast("JsonObject", item) for item in as_list(value) if isinstance(item, dict)]


def parse(raw: bytes | bytearray | str) -> object:
    """The value, or None for what is not JSON."""
    try:
        return cast("object", json.loads(raw))
    except (ValueError, RecursionError):
        return None


def encode(value: object) -> bytes:
    """Compact UTF-8 JSON. A lone surrogate, which JSON can say and UTF-8 cannot, becomes `?`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
