"""A value as the JSON object of a reply."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any


def view(value: object, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The fields of a dataclass by name, in their order, as they are: what lies within stays."""
    return {name: getattr(value, name) for name in _names(type(value)) if name not in without}


@cache
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 — fields() takes what is a dataclass
    return tuple(field.name for field in fields(kind))
