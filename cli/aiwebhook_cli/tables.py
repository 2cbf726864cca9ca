"""Which columns of a table fit on a screen, and how wide they are. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2  # between two columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One field of each row.

    `rank` says how soon it is left out where the screen is narrow: 0 never, the highest first.
    A `sentence` may be cut instead, down to `least`.
    """

    name: str
    title: str = ""
    rank: int = 0
    sentence: bool = False
    least: int = 20

    @property
    def heading(self) -> str:
        return self.title or self.name.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A column that is shown, by its number, with its width."""

    index: int
    width: int


def fit(columns: Sequence[Column], widths: Sequence[int], room: int) -> Sequence[Fitted]:
    """The columns that fit into `room`; `widths` are what their headings and cells need.

    Where even those that are never left out do not fit, the widest of them are cut.
    """
    shown = [index for index, width in enumerate(widths) if width or not columns[index].rank]
    while _needed(columns, widths, shown) > room:
        worst = max(shown, key=lambda index: columns[index].rank)
        if not columns[worst].rank:
            break
        shown.remove(worst)
    given = {index: _least(columns[index], widths[index]) for index in shown}
    spare = room - sum(given.values()) - GAP * (len(shown) - 1)
    for index in sorted(shown, key=lambda i: widths[i]):
        more = min(max(spare, 0), widths[index] - given[index])
        given[index] += more
        spare -= more
    while spare < 0:
        widest = max(given, key=lambda index: given[index])
        if given[widest] <= 1:
            break
        given[widest] -= 1
        spare += 1
    return [Fitted(index=index, width=given[index]) for index in shown]


def _needed(columns: Sequence[Column], widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(_least(columns[i], widths[i]) for i in shown) + GAP * (len(shown) - 1)


def _least(column: Column, width: int) -> int:
    return min(width, column.least) if column.sentence else width
