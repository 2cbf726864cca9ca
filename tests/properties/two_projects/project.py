"""The two projects, and what the rows of each say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

A, B = "a", "b"
LATER = "'2020-01-02'"
"""Of the newest event of the second project."""
THAT_NIGHT = "'2020-01-01 02:00'"
"""Of what came in for the first one: older than that, the second one has rows behind it."""
FAR, AHEAD = "'2020-01-01'", "now() + interval '1 hour'"
STATES = {
    # name: status, ready, attempts, lease_epoch, lease_until, run_after, deadline, blockers
    "ready": "'pending', true, 0, 0, NULL, NULL, NULL, 0",
    "due": "'pending', false, 0, 0, NULL, now() - interval '1 minute', NULL, 0",
    "soon": "'pending', false, 0, 0, NULL, now() + interval '1 hour', NULL, 0",
    "overdue": "'pending', true, 0, 0, NULL, NULL, now() - interval '1 minute', 0",
    "running": "'running', false, 1, 7, now() + interval '1 hour', NULL, NULL, 0",
    "stale": "'running', false, 1, 7, now() - interval '1 hour', NULL, NULL, 0",
    "claimed": "'claimed', false, 1, 7, now() + interval '1 hour', NULL, NULL, 0",
    "done": "'completed', false, 1, 7, NULL, NULL, NULL, 0",
    "failed": "'failed', false, 1, 7, NULL, NULL, NULL, 0",
    "blocked": "'pending', false, 0, 0, NULL, NULL, NULL, 1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One of the two. `text`, `data` and `told` are SQL literals."""

    name: str

    @property
    def first(self) -> bool:
        return self.name == A

    @property
    def own(self) -> str:
        """An id that the other project has not."""
        return f"only_{self.name}"

    @property
    def text(self) -> str:
        return f"'of {self.name}'"

    @property
    def data(self) -> str:
        tokens, cost = (7, 1) if self.first else (700, 100)
        return f"""'{{"of": "{self.name}", "input_tokens": {tokens}, "cost_usd": {cost}}}'"""

    @property
    def told(self) -> str:
        """How often a reader has been told of news 2."""
        return f"""'{{"2": {1 if self.first else 3}}}'"""

    @property
    def first_event(self) -> int:
        """Its events, and whatever else is numbered for all projects, begin after this."""
        return 100 if self.first else 200

    @property
    def tasks(self) -> Mapping[str, str]:
        """Tasks of session `s`: the rest of a row by name."""
        return STATES | {
            self.own: STATES["running"],
            f"ready_{self.name}": STATES["ready"],
            f"stale_{self.name}": STATES["stale"],
            "mixed_1": STATES["done" if self.first else "blocked"],
            "mixed_2": STATES["blocked" if self.first else "done"],
            "done_2": STATES["done"],
            "stale_mixed": STATES["stale" if self.first else "claimed"].replace("+", "-"),
            "doomed": STATES["blocked"],
            "overdue_again": STATES["overdue"],
            **(
                {}
                if self.first
                else {"stale_too": STATES["stale"], "overdue_too": STATES["overdue"]}
            ),
        }

    @property
    def leased(self) -> Sequence[str]:
        """Those of them that have a run, ended or not."""
        return [name for name, state in self.tasks.items() if ", 7, " in state]
