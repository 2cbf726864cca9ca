"""Claims of several loops: each for its own agents while the deployment holds claims; where it does
not, one request for all of them, as often as the deployment says.
"""

import threading
import time
from collections.abc import Callable, Sequence

from aiwebhook.client import Run
from aiwebhook.client.run_calls import ClaimAnswer

Ask = Callable[[Sequence[str]], ClaimAnswer]


class ClaimTurns:
    """Polling for each agent alone would cost as many requests as there are agents."""

    def __init__(self, ask: Ask, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`ask` sends one claim for these agents."""
        self._ask = ask
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._asking: set[str] = set()
        self._handed: dict[str, Run] = {}
        """Runs that another loop's request brought, by agent."""
        self._busy = self._closed = self._paced = False
        self._next_at = 0.0

    def claim(self, agents: Sequence[str]) -> Run | None:
        """A run of these agents, or None: ask again. Raises what `ask` raises."""
        if self._paced:
            return self._in_turn(agents)
        answer = self._ask(agents)
        with self._changed:
            self._note(answer)
        return answer.run

    @property
    def asking(self) -> frozenset[str]:
        """The agents that the next request is for."""
        with self._changed:
            return frozenset(self._asking)

    def close(self) -> None:
        """Pause no longer; nothing is asked any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _in_turn(self, agents: Sequence[str]) -> Run | None:
        with self._changed:
            self._asking.update(agents)
            while not self._my_turn(agents):
                pause_s = None if self._busy else max(0.0, self._next_at - self._monotonic())
                self._changed.wait(pause_s)
            run = self._taken(agents)
            if run is not None or self._closed:
                self._asking.difference_update(agents)
                return run
            self._busy, asked = True, tuple(sorted(self._asking))
        try:
            answer = self._ask(asked)
        except BaseException:
            with self._changed:
                self._end_turn(agents)
            raise
        with self._changed:
            self._note(answer)
            if answer.run is not None:
                name = _agent_of(answer.run)
                self._handed[name if name in asked else agents[0]] = answer.run
            run = self._taken(agents)
            self._end_turn(agents)
            return run

    def _my_turn(self, agents: Sequence[str]) -> bool:
        """Whether to stop waiting: a run of these agents has come, or the next request is due (or
        we are closing) and no other loop's request, which may bring one, is under way."""
        if any(name in self._handed for name in agents):
            return True
        due = self._closed or not self._paced or self._monotonic() >= self._next_at
        return due and not self._busy

    def _taken(self, agents: Sequence[str]) -> Run | None:
        name = next((name for name in agents if name in self._handed), None)
        return None if name is None else self._handed.pop(name)

    def _end_turn(self, agents: Sequence[str]) -> None:
        self._asking.difference_update(agents)
        self._busy = False
        self._changed.notify_all()

    def _note(self, answer: ClaimAnswer) -> None:
        if answer.run is not None:
            self._next_at = 0.0  # there may be more
            return
        self._paced = answer.next_poll_s is not None
        self._next_at = self._monotonic() + (answer.next_poll_s or 0.0)


def _agent_of(run: Run) -> str:
    agent: object = run.input.get("agent")
    return str(agent.get("name")) if isinstance(agent, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - JSON edge
