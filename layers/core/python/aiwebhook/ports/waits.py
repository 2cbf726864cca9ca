"""Which requests a function holds, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOrder:
    """A request that wants to be held. `holder`: whoever sent it, the API key as a rule. At most
    `max_waits` of the function are held at once, and `max_own` of this holder.
    """

    wait_id: str
    function: str
    holder: str
    wait_s: float
    max_waits: int
    max_own: int


class WaitStore(Protocol):
    """Counts waits over all processes of a function. What is not ended expires after `wait_s`."""

    def grant_wait(self, order: WaitOrder) -> bool:
        """Whether it may be held. Raises Unavailable."""
        ...

    def end_wait(self, *, wait_id: str) -> None:
        """It is held no longer. Raises Unavailable."""
        ...

    def happened_lately(self, *, project_id: str, within_s: float) -> bool:
        """Whether the project has an event not older than that."""
        ...
