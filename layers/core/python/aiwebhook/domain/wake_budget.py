"""How often events may wake a chat, and how deep a chat and its agents may wake each other: without
a limit they could go on for ever.

A limit withholds the webhook, never the news, which stays in `updates` and can be polled; and it
refuses no delegation. Wakes come back with time, or when a person refills the budget. Pure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

WOKEN_S = 600
"""What a chat delegates so soon after it was woken counts as delegated because of that."""
DEEPEST = 3
"""The deepest task that wakes anybody. 0: no chat was woken before; 1: delegated by a woken chat;
2: by a chat that a task of depth 1 had woken, and so on."""

USED_UP = (
    "This chat has reached its limit of wake-ups and will not be woken again for a while. "
    "get_updates tells what happens in the meantime."
)
TOO_DEEP = (
    "This chat and its agents have woken each other several times in a row. What is delegated now"
    " will not wake it; get_updates tells its result."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeLimit:
    """At most `wakes` in any `window_s` seconds."""

    wakes: int
    window_s: int


OF_SUBSCRIPTION = WakeLimit(wakes=25, window_s=3600)
OF_PRINCIPAL = WakeLimit(wakes=200, window_s=72 * 3600)
"""Of all subscriptions of a person, or of the keys of a project."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wakes:
    """How often the subscription and its principal were woken of late, before this batch, and how
    deep the task is that the event is about.
    """

    subscription_id: str
    of_subscription: int
    principal: str
    of_principal: int
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """It may wake; `left`: how many may follow. `notice`: why fewer than expected will."""

    left: int
    notice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """It may not, and why."""

    reason: str


@dataclass(slots=True, kw_only=True)
class WakeBudget:
    """Hands out wakes to the deliveries of one batch, which is of one project."""

    _of_subscriptions: Counter[str] = field(default_factory=Counter[str])
    _of_principals: Counter[str] = field(default_factory=Counter[str])

    def take(self, wakes: Wakes) -> Wake | Withheld:
        """Whether one more event may be sent."""
        if wakes.depth > DEEPEST:
            return Withheld(
                reason="withheld: a chat and its agents woke each other too often in a row"
            )
        left = min(
            OF_SUBSCRIPTION.wakes
            - wakes.of_subscription
            - self._of_subscriptions[wakes.subscription_id],
            OF_PRINCIPAL.wakes - wakes.of_principal - self._of_principals[wakes.principal],
        )
        if left <= 0:
            return Withheld(reason="withheld: the wake budget is used up")
        self._of_subscriptions[wakes.subscription_id] += 1
        self._of_principals[wakes.principal] += 1
        if left == 1:
            return Wake(left=0, notice=USED_UP)
        return Wake(left=left - 1, notice=TOO_DEEP if wakes.depth == DEEPEST else None)
