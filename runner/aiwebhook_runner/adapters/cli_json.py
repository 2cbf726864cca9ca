"""Reads untrusted JSON: the next version of a CLI may put anything anywhere without breaking us."""

from typing import cast

from aiwebhook_runner.jsons import JsonObject


def as_object(value: object) -> JsonObject:
    """The JSON object, or an empty one for anything else."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def as_objects(value: object) -> list[JsonObject]:
    """The objects of a JSON array; anything else is left out."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("JsonObject", item) for item in items if isinstance(item, dict)]


def as_text(value: object) -> str:
    """The string, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def as_texts(value: object) -> list[str]:
    """The strings of a JSON array; anything else is left out."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str)]


def count_or_zero(value: object) -> int:
    """The whole number, or 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def as_number(value: object) -> float:
    """The number, or 0 for anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def texts_in(content: object) -> str:
    """The text of a tool's result: a string, or a list of blocks with `text`."""
    if isinstance(content, str):
        return content
    return "\n".join(text for block in as_objects(content) if (text := as_text(block.get("text"))))
