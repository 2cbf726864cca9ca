"""What a cell found, and how it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a header; every value is already worded."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """As a Markdown table."""
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A target and what became of it. `met` None: not measured in this run."""

    target: str
    measured: str
    met: bool | None
    why: str = ""

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

    def markdown(self) -> str:
        """Title, method, tables, notes."""
        notes = "\n".join(f"* {note}" for note in self.notes)
        parts = [f"## {self.title}", self.how, *(table.markdown() for table in self.tables), notes]
        return "\n\n".join(part for part in parts if part)


def verdict_table(sections: Sequence[Section]) -> Table:
    """All targets of a run, met and missed."""
    verdicts = [verdict for section in sections for verdict in section.verdicts]
    return Table(
        header=("target", "measured", "", "why"),
        rows=[(v.target, v.measured, v.word, v.why) for v in verdicts],
    )


def times(value: float) -> str:
    """A ratio, as people read it."""
    if isnan(value):
        return "–"
    return f"{value:.2f}×" if value < 10 else f"{value:,.0f}×"


def whole(value: float) -> str:
    """A count; a dash for what could not be measured."""
    return "–" if isnan(value) else f"{value:,.0f}"


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1000:,.2f} ms"
