"""A cell's outcome, and its Markdown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from benchmarks.targets import CELL_OF


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a header; all values are formatted already."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """As a Markdown table."""
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a target was met. `met` is None if it was not measured in this run."""

    target: str
    measured: str
    met: bool | None
    why: str = ""
    row: str = ""
    """The row of `benchmarks.targets`; empty for a limit that is only watched."""

    @property
    def word(self) -> str:
        """met, missed or not measured."""
        return "not measured" if self.met is None else "met" if self.met else "**missed**"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The outcome of one cell."""

    title: str
    how: str
    tables: Sequence[Table] = ()
    verdicts: Sequence[Verdict] = ()
    notes: Sequence[str] = ()

    def markdown(self, when: str) -> str:
        """Title, method, when it was measured, tables, notes."""
        notes = "\n".join(f"* {note}" for note in self.notes)
        tables = (table.markdown() for table in self.tables)
        parts = [f"## {self.title}", self.how, when, *tables, notes]
        return "\n\n".join(part for part in parts if part)


def targets_table(
    verdicts: Sequence[Verdict], cells: Collection[str], unmeasured: Mapping[str, str]
) -> Table:
    """The targets of these cells with their verdicts, row by row. `unmeasured` says why a cell's
    rows have none.
    """
    rows: list[tuple[str, ...]] = []
    for row, cell in CELL_OF.items():
        found = [verdict for verdict in verdicts if verdict.row == row]
        if cell in cells and not found:
            why = unmeasured.get(cell, "not asked for")
            found = [Verdict(target="", measured="–", met=None, why=why)]
        rows += [(row, v.target, v.measured, v.word, v.why) for v in found]
    return Table(header=("", "target", "measured", "", "why"), rows=rows)


def watched_table(verdicts: Sequence[Verdict]) -> Table:
    """The verdicts on limits that are watched in addition to the targets."""
    return Table(
        header=("limit", "measured", "", "why"),
        rows=[(v.target, v.measured, v.word, v.why) for v in verdicts if not v.row],
    )


def times(value: float) -> str:
    """A ratio, formatted."""
    if isnan(value):
        return "–"
    return f"{value:.2f}×" if value < 10 else f"{value:,.0f}×"


def whole(value: float) -> str:
    """A whole number, formatted; a dash for NaN, which could not be measured."""
    return "–" if isnan(value) else f"{value:,.0f}"


def ms(seconds: float) -> str:
    """Seconds, formatted as milliseconds."""
    return f"{seconds * 1000:,.2f} ms"
