"""Values as people read them: times, ids, figures and small objects in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from aiwebhook.domain.plain_text import plain_line

Json = dict[str, Any]
CUT = "…"
_OUR_ID = re.compile(r"[a-z]+_(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})")
_SHORTEST_ID, _LONGEST_ID = 6, 24  # characters: of what is left of an id of ours; of any other
_UNITS = ((86_400, "day", "days"), (3_600, "h", "h"), (60, "min", "min"), (1, "s", "s"))
_A_MONTH_S = 30 * 86_400


def ago(text: str, now: datetime) -> str:
    """Such as: 3 min ago, in 2 days; after a month the date. What is no time stays as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 2:
        return "now"
    if abs(seconds) >= _A_MONTH_S:
        return moment.date().isoformat()
    span = next(
        f"{amount} {one if amount == 1 else many}"
        for unit, one, many in _UNITS
        if (amount := int(abs(seconds) // unit))
    )
    return f"{span} ago" if seconds > 0 else f"in {span}"


def clock(text: str) -> str:
    """A time to the second, for programs and for people who compare."""
    return text.replace("T", " ").split(".")[0].removesuffix("Z")


def is_whole(text: str) -> bool:
    """Whether it is one of the ids that the server makes, from its beginning to its end."""
    return _OUR_ID.fullmatch(text) is not None


def short_ids(ids: Iterable[str]) -> Mapping[str, str]:
    """What a table shows instead of each id: `…` and its end, as long as they differ."""
    every = set(ids)
    ours = {text for text in every if _OUR_ID.fullmatch(text)}
    length = _SHORTEST_ID
    while len({text[-length:] for text in ours}) < len(ours) and length < 12:
        length += 2
    return {text: CUT + text[-length:] if text in ours else _middle_cut(text) for text in every}


def _middle_cut(text: str) -> str:
    """An id that somebody chose: the beginning says most, the end tells two of them apart."""
    if len(text) <= _LONGEST_ID:
        return text
    return f"{text[: _LONGEST_ID - 9]}{CUT}{text[-8:]}"


def value_text(value: object) -> str:
    """A value on one line: lists with commas, figures with their names, no JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return ", ".join(_pair(str(k), v) for k, v in cast("Json", value).items() if v is not None)
    if isinstance(value, (list, tuple)):
        items = [value_text(item) for item in cast("Sequence[object]", value)]
        return ("; " if any("," in item for item in items) else ", ").join(items)
    return plain_line(str(value))


def content_text(content: object) -> str:
    """What a memory says: its own text, or its fields in words."""
    if not isinstance(content, dict):
        return value_text(content)
    fields = cast("Json", content)
    named = [fields.get(name) for name in ("text", "title", "summary")]
    own = next((text for text in named if text), None)
    return plain_line(own) if isinstance(own, str) else value_text(fields)


def size_text(size: object) -> str:
    """Such as: 5.9 kB."""
    if not isinstance(size, int):
        return ""
    if size < 1_000:
        return f"{size} B"
    return f"{size / 1_000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def shown_as_text(raw: bytes) -> str | None:
    """The text that these bytes are; None where they are none."""
    try:
        return None if b"\0" in raw else raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _pair(name: str, value: object) -> str:
    name = plain_line(name.replace("_", " "))
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,} {_singular(name) if value == 1 else name}"
    return f"{name} {value_text(value)}"


def _singular(name: str) -> str:
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
