"""Tables for a pipe: every column, nothing cut, and without Rich, which takes as long to import
as asking a server. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import category, east_asian_width

from aiwebhook_cli.tables import GAP

_NO_WIDTH = ("Mn", "Me", "Cf")  # marks over the character before, and what only formats


def cells_of(text: str) -> int:
    """How many columns a terminal needs for it: two for a wide character, none for a mark."""
    if text.isascii():
        return len(text)
    return sum(
        0 if category(char) in _NO_WIDTH else 2 if east_asian_width(char) in "WF" else 1
        for char in text
    )


def table_lines(headings: Sequence[str], by_column: Sequence[Sequence[str]]) -> Iterator[str]:
    """The heading, then a line per row; columns are as wide as what they hold."""
    widths = [
        max(map(cells_of, (heading, *cells)))
        for heading, cells in zip(headings, by_column, strict=True)
    ]
    for row in (headings, *zip(*by_column, strict=True)):
        padded = (
            text + " " * (width - cells_of(text) + GAP)
            for text, width in zip(row, widths, strict=True)
        )
        yield "".join(padded).rstrip()
