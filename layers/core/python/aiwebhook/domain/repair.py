"""Makes any JSON value storable and says what it changed. Pure.

`storable` does the same without a word; this is for results, where a silent change would be a lie.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from aiwebhook.domain.notes import Notes, step
from aiwebhook.domain.storable import storable_text
from aiwebhook.strict_json import MAX_DEPTH, MAX_DIGITS

_CUT = "…"
_SHORTEST = 64  # characters that a text keeps, however large the whole is


def repaired(value: object, notes: Notes, pointer: str, *, depth: int = 1) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """The value with everything that no database can hold replaced, each change noted."""
    if isinstance(value, str):
        return _text(value, notes, pointer)
    if isinstance(value, (dict, list, tuple)):
        if depth > MAX_DEPTH:
            notes.add(pointer, f"was nested deeper than {MAX_DEPTH} levels; it is kept as text.")
            return storable_text(_json_text(cast("object", value)))
        whole = cast("Mapping[object, object] | Sequence[object]", value)
        return _container(whole, notes, pointer, depth)
    return _scalar(value, notes, pointer)


def _container(
    value: Mapping[object, object] | Sequence[object], notes: Notes, pointer: str, depth: int
) -> Any:  # noqa: ANN401 - JSON in, JSON out
    if not isinstance(value, Mapping):
        return [
            repaired(item, notes, step(pointer, index), depth=depth + 1)
            for index, item in enumerate(value)
        ]
    whole: dict[str, Any] = {}
    for key, item in value.items():
        name = storable_text(str(key))
        if name != key:
            notes.add(step(pointer, name), "had a name that cannot be stored; it was changed.")
        whole[name] = repaired(item, notes, step(pointer, name), depth=depth + 1)
    return whole


def _text(text: str, notes: Notes, pointer: str) -> str:
    clean = storable_text(text)
    if clean != text:
        count = clean.count("\ufffd") - text.count("\ufffd")
        what = "a character" if count == 1 else f"{count} characters"
        notes.add(pointer, f"held {what} that cannot be stored; each was replaced by U+FFFD.")
    return clean


def _scalar(value: object, notes: Notes, pointer: str) -> Any:  # noqa: ANN401 - JSON in, JSON out
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        notes.add(pointer, "was no finite number; it is null.")
        return None
    if isinstance(value, int):
        if abs(value) < 10**MAX_DIGITS:
            return value
        notes.add(pointer, f"had more than {MAX_DIGITS} digits; it is null.")
        return None
    notes.add(pointer, "was no JSON value; it is kept as text.")
    return storable_text(str(value))


def cut_text(text: str, limit: int, notes: Notes, pointer: str) -> str:
    """At most `limit` characters, the cut noted."""
    if len(text) <= limit:
        return text
    notes.add(pointer, f"had {len(text)} characters; it was cut to {limit}.")
    return text[: limit - 1] + _CUT


def json_bytes(value: object) -> int:
    """The length in bytes of compact UTF-8 JSON."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def fitted(
    value: Any,  # noqa: ANN401 - JSON in, JSON out
    limit: int,
    notes: Notes,
    pointer: str,
    *,
    size: Callable[[object], int] = json_bytes,
) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """The storable value in at most `limit` bytes of JSON: first the longest texts are cut, then
    the ends of lists and objects are left out.
    """
    if size(value) <= limit:
        return value
    longest = limit * 7 // 8
    while longest >= _SHORTEST:
        shorter = _texts_cut(value, longest)
        if size(shorter) <= limit:
            notes.add(pointer, f"was too large; texts over {longest} characters were cut.")
            return shorter
        longest = longest * 3 // 4
    kept = _Room(limit).fill(_texts_cut(value, _SHORTEST))
    notes.add(pointer, "was too large; long texts were cut and the ends of lists left out.")
    return kept


def _texts_cut(value: Any, longest: int) -> Any:  # noqa: ANN401 - JSON in, JSON out
    if isinstance(value, str):
        return value if len(value) <= longest else value[: longest - 1] + _CUT
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {key: _texts_cut(item, longest) for key, item in pairs}
    if isinstance(value, list):
        return [_texts_cut(item, longest) for item in cast("list[Any]", value)]
    return value


class _Room:
    """Takes values in their order until so many bytes are used."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def fill(self, value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
        """What of it there is room for; its brackets are always."""
        self._left -= 2
        if isinstance(value, dict):
            kept: dict[str, Any] = {}
            for key, item in cast("dict[str, Any]", value).items():
                if not self._holds(key, item):
                    break
                self._left -= json_bytes(key) + 2
                kept[key] = self.fill(item)
            return kept
        if isinstance(value, list):
            items: list[Any] = []
            for item in cast("list[Any]", value):
                if not self._holds("", item):
                    break
                self._left -= 1
                items.append(self.fill(item))
            return items
        self._left -= json_bytes(value) - 2
        return value

    def _holds(self, key: str, item: Any) -> bool:  # noqa: ANN401 - JSON in
        inside = 2 if isinstance(item, (dict, list)) else json_bytes(item)
        return self._left >= json_bytes(key) + inside + 4


def _json_text(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, ValueError):
        return "(nested too deeply)"
