"""What `--json=FIELDS` and `--jsonl` leave of an answer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from aiwebhook.errors import Invalid

Json = dict[str, Any]


class UnknownField(Invalid):
    """A field was asked for that nothing has: these are names of the API, and stay as they are."""


_BESIDE_ROWS = ("next_cursor", "count", "total")


def fields_of(text: str | None) -> tuple[str, ...]:
    """`a,b` as its names; empty where nothing was said. Raises Invalid for a name that is empty."""
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise Invalid(
            f"--json={text} names an empty field.",
            remedy="Separate names by one comma, such as --json=status,title.",
        )
    return names


def with_fields(value: object, fields: Sequence[str]) -> object:
    """An object with these fields alone. A list's answer keeps its form, such as `next_cursor`
    beside the rows: each of the rows has these fields. What one lacks is null there.

    Raises UnknownField for one that nothing has; an empty list has any.
    """
    if not fields or not isinstance(value, dict):
        return value
    body = cast("Json", value)
    name = _rows_name(body)
    if name is None:
        _require(fields, [body])
        return having(body, fields)
    _require(fields, body[name])
    return {**body, name: [having(row, fields) for row in body[name]]}


def having(row: Json, fields: Sequence[str]) -> Json:
    """These fields of it, null where it has none; without fields all of it."""
    return {field: row.get(field) for field in fields} if fields else row


def as_lines(value: object) -> Iterator[object]:
    """The rows of a list's answer; anything else as it is."""
    name = _rows_name(cast("Json", value)) if isinstance(value, dict) else None
    if name is None:
        yield value
    else:
        yield from cast("Json", value)[name]


def _rows_name(body: Json) -> str | None:
    """An answer is a list where all it has beside the rows is where the next page begins."""
    lists = [name for name, value in body.items() if _is_rows(value)]
    return lists[0] if len(lists) == 1 and set(body) <= {*lists, *_BESIDE_ROWS} else None


def _is_rows(value: object) -> bool:
    if not isinstance(value, list):
        return False
    return all(isinstance(row, dict) for row in cast("list[object]", value))


def _require(fields: Sequence[str], rows: Sequence[Json]) -> None:
    known = {name for row in rows for name in row}
    unknown = [field for field in fields if field not in known]
    if rows and unknown:
        raise UnknownField(
            f"There is no field {unknown[0]}.", remedy=f"There are: {', '.join(sorted(known))}."
        )
