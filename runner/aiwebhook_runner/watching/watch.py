"""Decides when an agent must be stopped, and stops it by the signals of its KillLadder."""

import time
from collections import deque
from collections.abc import Callable
from queue import Empty
from typing import Protocol

from aiwebhook_runner.lease.inbox import AgentExited, RunInbox, StopRequested
from aiwebhook_runner.output.outcome import StopReason
from aiwebhook_runner.watching.agent_limits import SilenceLimit
from aiwebhook_runner.watching.kill_ladder import KillLadder

AT_ONCE = frozenset({StopReason.LEASE_LOST, StopReason.BAD_OUTPUT, StopReason.API_SILENT})
"""Reasons without a grace: another attempt may be at work already, or the agent floods us."""
OVERSLEPT_S = 5.0
"""A wait that took this much longer than asked: this process was paused, or the machine slept."""


class Stoppable(Protocol):
    """What the watch does to a process."""

    def interrupt(self) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class AgentWatch:
    """The main thread's loop over the inbox. The first reason to stop remains the reason, except
    that a lost lease and a silent API override all others: then nothing may be recorded.
    """

    def __init__(  # noqa: PLR0913 - reason: the limits of a process, by keyword
        self,
        process: Stoppable,
        inbox: RunInbox,
        *,
        timeout_s: float,
        ladder: KillLadder,
        silence_limit: SilenceLimit | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._process = process
        self._inbox = inbox
        self._ladder = ladder
        self._silence_limit = silence_limit
        self._now = now
        self._timeout_at = now() + timeout_s
        self._kill_at: float | None = None
        self._signals = deque([process.terminate])
        if ladder.interrupt_first:
            self._signals.appendleft(process.interrupt)
        self.stopped: StopRequested | None = None

    def until_gone(self) -> int:
        """Returns the exit code; if it was stopped, the reason is in `stopped`."""
        while True:
            fact = self._next_fact()
            match fact:
                case AgentExited(exit_code=exit_code):
                    return exit_code
                case StopRequested():
                    self._stop(fact)
                case None:
                    self._time_is_up()

    def _next_fact(self) -> AgentExited | StopRequested | None:
        wake_at = self._wake_at()
        try:
            return self._inbox.get(
                timeout=None if wake_at is None else max(wake_at - self._now(), 0)
            )
        except Empty:
            if wake_at is not None and self._now() - wake_at > OVERSLEPT_S and self._silence_limit:
                self._silence_limit.restart()
            return None

    def _wake_at(self) -> float | None:
        if self.stopped is not None:
            return self._kill_at
        if self._silence_limit is None:
            return self._timeout_at
        return min(self._timeout_at, self._silence_limit.check_at())

    def _stop(self, request: StopRequested) -> None:
        at_once = request.reason in AT_ONCE
        if self.stopped is None or (at_once and self.stopped.reason not in AT_ONCE):
            self.stopped = request
            if at_once:
                self._kill()
            else:
                self._climb()

    def _climb(self) -> None:
        """Send the next signal and set its grace; SIGKILL after the last."""
        if not self._signals:
            return self._kill()
        self._signals.popleft()()
        self._kill_at = self._now() + self._ladder.grace(len(self._signals))
        return None

    def _time_is_up(self) -> None:
        if self.stopped is not None:
            self._climb()
        elif self._now() >= self._timeout_at:
            self._stop(StopRequested(reason=StopReason.TIMEOUT))
        elif self._silence_limit is not None and (silence := self._silence_limit.verdict()):
            self._stop(silence)

    def _kill(self) -> None:
        self._signals.clear()
        self._kill_at = None
        self._process.kill()
