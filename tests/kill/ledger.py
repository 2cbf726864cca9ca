"""What the clients asked for and what the service answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiwebhook.client import Json


@dataclass(slots=True, kw_only=True)
class Write:
    """One write: `marker` is in its content, `told` what the service answered at last."""

    kind: str
    command: str
    session_id: str
    marker: str
    data: Json
    tries: int = 0
    told: Json | None = None
    refused: str = ""
    """The code of a refusal by the state of things: as final as an acknowledgement."""

    @property
    def answer(self) -> Json:
        """`data` of the acknowledgement."""
        assert self.told is not None
        found: dict[str, Any] = self.told["data"]
        return found


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Appends of lists are atomic: the clients share it."""

    writes: list[Write] = field(default_factory=list[Write])
    unexpected: list[str] = field(default_factory=list[str])
    refusals: Counter[str] = field(default_factory=Counter[str])
    """Answers that asked for another try."""
    gardens: int = 0
    """Sessions that were deleted, to be made again."""
    replays: int = 0
    """Deliveries that were sent again after their acknowledgement."""

    def acknowledged(self, *kinds: str) -> list[Write]:
        """Those the service has accepted."""
        return [w for w in self.writes if w.kind in kinds and w.told is not None]

    def asked(self, *kinds: str) -> set[str]:
        """Markers of every attempt, also of those without an answer."""
        return {w.marker for w in self.writes if w.kind in kinds}

    def counts(self) -> dict[str, dict[str, int]]:
        """By kind, how many were acknowledged and how many refused."""
        acknowledged = Counter(w.kind for w in self.writes if w.told is not None)
        refused = Counter(w.kind for w in self.writes if w.refused)
        doubtful = Counter(w.kind for w in self.writes if w.refused and w.tries > 1)
        return {
            "acknowledged": dict(acknowledged),
            "refused by the state": dict(refused),
            "refused after an unanswered try": dict(doubtful),
        }
