"""A number with its noun, as it is written: "1 task", "2 tasks"."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """`many` where it is not `one` with an s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
