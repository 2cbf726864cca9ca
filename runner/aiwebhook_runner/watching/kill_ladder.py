"""How long an agent that must stop has until the next signal; AgentWatch sends them."""

from collections.abc import Callable
from dataclasses import dataclass, field


def _for_ever() -> float:
    return float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class KillLadder:
    """SIGINT (if `interrupt_first`), SIGTERM, SIGKILL, each after the previous one's grace. The
    rest of `within_s`, the supervisor's own drain, shortens the graces.
    """

    grace_s: float
    interrupt_first: bool = False
    """Command-line agents end their turn on SIGINT, and one of them then reports its usage."""
    within_s: Callable[[], float] = field(default=_for_ever)

    def grace(self, signals_left: int) -> float:
        """Seconds of grace after a signal, with `signals_left` more to come
        (SIGKILL not counted).
        """
        return min(self.grace_s, max(self.within_s(), 0) / (signals_left + 1))
