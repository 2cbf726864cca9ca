"""Handles the order to stop: SIGTERM from ECS, Ctrl-C from a person.

ECS also sends SIGTERM to a run whose task is cancelled, so the run first asks which of the
two it is.
"""

import os
import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType

from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.lease.inbox import RunInbox, StopRequested
from aiwebhook_runner.lease.retry import Deadline
from aiwebhook_runner.output.outcome import StopReason


class Drain:
    """SIGTERM and SIGINT as an event, a deadline and a message in the inbox.

    A signal handler interrupts the main thread anywhere, also while it holds the lock that
    Event.set would need; so the handler only puts a number into a SimpleQueue (re-entrant), and a
    thread does the rest. That thread also ends the process if a hanging call would not.
    """

    def __init__(self, inbox: RunInbox, *, drain_s: float) -> None:
        self.requested = threading.Event()
        """Set once the task must be released."""
        self.deadline = Deadline(float("inf"))
        self.inbox = inbox
        self.is_for_another_reason: Callable[[], bool] = lambda: False
        """Called once, in a thread of its own: whether the inbox already has another reason to
        stop, so that the task is not released.
        """
        self._drain_s = drain_s
        self._signals: SimpleQueue[int] = SimpleQueue()

    @property
    def leaving(self) -> bool:
        """Whether this process must end soon, for whatever reason."""
        return self.deadline.left_s() < float("inf")

    def install(self) -> None:
        """Install the signal handlers. Call in the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        threading.Thread(target=self._carry_out, name="drain", daemon=True).start()

    def request(self) -> None:
        """Drain as after SIGTERM. Safe from any thread."""
        self._signals.put(signal.SIGTERM)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signals.put(number)

    def _carry_out(self) -> None:
        number = self._signals.get()
        self.deadline.shorten(self._drain_s)
        if not self.is_for_another_reason():
            self.requested.set()
            self.inbox.put(StopRequested(reason=StopReason.DRAIN, detail=f"signal {number}"))
        # Nothing sets this event; it is a sleep that ends with the process. By now the agent is
        # gone: its grace is shorter than the drain, and the kernel kills it when we exit.
        threading.Event().wait(max(self.deadline.left_s(), 0))
        os._exit(RunExitCode.API_SILENT)
