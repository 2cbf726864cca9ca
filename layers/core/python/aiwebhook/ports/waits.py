"""Which requests a function holds, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOrder:
    """A request that asks to be held. `holder`: who sent it, usually an API key. The function holds
    at most `max_waits` at once, and `max_own` of this holder.
    """

    wait_id: str
    function: str
    holder: str
    wait_s: float
    max_waits: int
    max_own: int


class WaitStore(Protocol):
    """Counts waits over all processes of a function. A wait that is never ended
    expires after `wait_s`.
    """

    def grant_wait(self, order: WaitOrder) -> bool:
        """Whether the request may be held. Raises Unavailable."""
        ...

    def end_wait(self, *, wait_id: str) -> None:
        """Record that the request is no longer held. Raises Unavailable."""
        ...

    def happened_lately(self, *, project_id: str, within_s: float) -> bool:
        """Whether the project has an event not older than that."""
        ...
