"""How often events may wake a chat: without a limit, a chat and an agent could wake each
other for ever.

A limit withholds the webhook, never the news, which stays in `updates` and can be polled. Wakes
come back with time only. Pure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

NOTICE = (
    "This chat has reached its limit of wake-ups and will not be woken again for a while. "
    "get_updates tells what happens in the meantime."
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
    """Hands out wakes to the deliveries of one batch, which is of one project."""

    _of_subscriptions: Counter[str] = field(default_factory=Counter[str])
    _of_principals: Counter[str] = field(default_factory=Counter[str])

    def take(
        self, *, subscription_id: str, subscription_wakes: int, principal: str, principal_wakes: int
    ) -> int | None:
        """How many wakes are left after this one; None where there is none. `*_wakes`: how many
        there were before this batch.
        """
        left = min(
            OF_SUBSCRIPTION.wakes - subscription_wakes - self._of_subscriptions[subscription_id],
            OF_PRINCIPAL.wakes - principal_wakes - self._of_principals[principal],
        )
        if left <= 0:
            return None
        self._of_subscriptions[subscription_id] += 1
        self._of_principals[principal] += 1
        return left - 1
