"""How often events may wake a chat, so that one that wakes an agent that wakes it comes to a stop.

A limit withholds the webhook, never the news: that stays in `updates` and can be polled. Nothing
but time gives wakes back. Pure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

NOTICE = (
    "This chat has been woken as often as it may be for now, and is not woken again until some of "
    "that lies further back. What happens meanwhile is in get_updates."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeLimit:
    """At most `wakes` in any `window_s` seconds."""

    wakes: int
    window_s: int


OF_SUBSCRIPTION = WakeLimit(wakes=25, window_s=3600)
OF_PRINCIPAL = WakeLimit(wakes=200, window_s=72 * 3600)
"""Of all subscriptions of a person, or of the keys of a project."""


@dataclass(slots=True, kw_only=True)
class WakeBudget:
    """Hands out wakes to the deliveries of one batch."""

    _taken: Counter[tuple[str, ...]] = field(default_factory=Counter[tuple[str, ...]])

    def take(self, subscription: tuple[str, int], principal: tuple[str, str, int]) -> int | None:
        """How many are left after this one; None where none was. Each is named with how often it
        was woken before this batch; a principal's name is its project's and its own.
        """
        left = min(
            OF_SUBSCRIPTION.wakes - subscription[-1] - self._taken[subscription[:-1]],
            OF_PRINCIPAL.wakes - principal[-1] - self._taken[principal[:-1]],
        )
        if left <= 0:
            return None
        self._taken[subscription[:-1]] += 1
        self._taken[principal[:-1]] += 1
        return left - 1
