"""How much one result may hold. Clients truncate longer ones anywhere; Claude does at about 150,000
characters of text and structured content together. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aiwebhook.domain.answer_size import json_chars

Json = dict[str, Any]
MAX_CHARS = 150_000
"""Characters of a whole result, as JSON."""
DATA_ROOM = 90_000
"""Characters of `data`: what a list may fill before it continues on the next page."""
NEWS_ROOM = 30_000
"""Characters of `updates`, and of `elsewhere`."""
_CUT = "… ({} more characters)"
_FEW = 60
"""The most fields of our own objects; free-form objects may have more."""
_DEEPEST = 8
"""How deep nested values are shortened; each level costs another pass over the whole."""


def shortened_object(value: Mapping[str, Any], room: int) -> tuple[Json, tuple[str, ...]]:
    """`value` in at most about `room` characters, and the names of the fields that were shortened.
    Short fields stay whole, long texts are truncated, long lists lose their end.
    """
    if json_chars(value) <= room:
        return dict(value), ()
    made = _object(value, room, 0)
    return made, tuple(name for name, each in value.items() if made.get(name) != each)


def _shorter(value: object, room: int, depth: int) -> Any:  # noqa: ANN401 any JSON
    if isinstance(value, str):
        return value if json_chars(value) <= room else _text(value, room)
    if not isinstance(value, list | dict) or json_chars(cast("object", value)) <= room:
        return cast("object", value)
    if depth > _DEEPEST:
        return type(cast("object", value))()
    if isinstance(value, list):
        return _items(cast("list[Any]", value), room, depth)
    return _object(cast("Json", value), room, depth)


def _text(value: str, room: int) -> str:
    """The longest beginning that fits. JSON escapes count and may be anywhere, so its length is
    found by trial.
    """
    most = room - len(_CUT) - 10
    keep = max(0, min(most, len(value)))
    while keep and json_chars(value[:keep]) > most:
        keep = keep * 9 // 10
    return value[:keep] + _CUT.format(len(value) - keep)


def _items(value: list[Any], room: int, depth: int) -> list[Any]:
    """The first items that fit; at least one, shortened if need be."""
    kept: list[Any] = []
    for item in value:
        size = json_chars(item) + 1
        if kept and size > room:
            break
        kept.append(_shorter(item, room, depth + 1))
        room -= size
        if room < 0:
            break
    return kept


def _object(value: Mapping[str, Any], room: int, depth: int) -> Json:
    """Short fields whole; the long ones share what is left equally."""
    names = list(value) if len(value) <= _FEW else _fitting_names(value, room)
    sizes = {name: json_chars(value[name]) for name in names}
    room -= sum(json_chars(name) + 2 for name in names)
    shares: dict[str, int] = {}
    for place, name in enumerate(sorted(names, key=lambda name: sizes[name])):
        shares[name] = min(sizes[name], max(0, room) // (len(names) - place))
        room -= shares[name]
    return {
        name: value[name]
        if shares[name] == sizes[name]
        else _shorter(value[name], shares[name], depth + 1)
        for name in names
    }


def _fitting_names(value: Mapping[str, Any], room: int) -> list[str]:
    """The first names that fit, for free-form objects with many fields."""
    names: list[str] = []
    for name, each in value.items():
        room -= json_chars(name) + 3 + json_chars(each)
        if room < 0 and names:
            break
        names.append(name)
    return names
