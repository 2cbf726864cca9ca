"""What the accounting after the storm comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything here must be empty."""

    lost: list[str] = field(default_factory=list[str])
    """Acknowledged, and not there."""
    unexpected: list[str] = field(default_factory=list[str])
    """There, and never asked for."""
    duplicated: list[str] = field(default_factory=list[str])
    """An effect that happened twice."""
    stale: list[str] = field(default_factory=list[str])
    """Something an attempt did after it had lost its lease."""
    unfinished: list[str] = field(default_factory=list[str])
    """Not terminal, not delivered, not published."""

    def account(
        self, kind: str, *, there: Iterable[str], acknowledged: set[str], asked: set[str]
    ) -> None:
        """Total-queue accounting (Jepsen): multisets of attempts, acknowledgements and rows."""
        counted = Counter(there)
        self.lost.extend(f"{kind} {m}" for m in acknowledged - counted.keys())
        self.unexpected.extend(f"{kind} {m}" for m in counted.keys() - asked)
        self.duplicated.extend(f"{kind} {m} × {n}" for m, n in counted.items() if n > 1)

    def all(self) -> dict[str, list[str]]:
        """By kind, those with something in them."""
        named = {
            "lost": self.lost,
            "unexpected": self.unexpected,
            "duplicated": self.duplicated,
            "stale": self.stale,
            "unfinished": self.unfinished,
        }
        return {name: found for name, found in named.items() if found}
