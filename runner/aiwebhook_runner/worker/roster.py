"""The runs in progress, for every thread."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

from aiwebhook_runner.process.process_table import (
    ROUND_PAUSE_S,
    SWEEP_ROUNDS,
    descendants,
    process_table,
)
from aiwebhook_runner.worker.child import Child

_PAUSE = threading.Event()
"""Never set, so waiting on it is a sleep: the kernel needs a moment to end killed processes."""


class Roster:
    """Safe between threads. A run is listed until nothing of it is left to do."""

    def __init__(self) -> None:
        self._children: dict[int, Child] = {}
        self._lock = threading.Lock()

    def start(self, make: Callable[[], Child]) -> Child:
        """Start a child; it is listed before anybody could take it for an orphan."""
        with self._lock:
            child = make()
            self._children[child.pid] = child
        return child

    def remove(self, child: Child) -> None:
        with self._lock:
            del self._children[child.pid]

    def children(self) -> list[Child]:
        """The runs listed now, oldest first."""
        with self._lock:
            return list(self._children.values())

    def sweep_orphans(self) -> None:
        """Kill and reap what a killed supervisor left behind: on Linux its orphans come to us,
        because we are a subreaper; orphans of living supervisors go to those.
        """
        with self._lock:
            for _ in range(SWEEP_ROUNDS):
                living = self._orphans()
                if not living:
                    return
                for number in (signal.SIGSTOP, signal.SIGKILL):
                    for pid in living:
                        with suppress(ProcessLookupError, PermissionError):
                            os.kill(pid, number)
                _PAUSE.wait(ROUND_PAUSE_S)

    def _orphans(self) -> list[int]:
        us = os.getpid()
        table = process_table()
        ours = [row for row in table if row.parent == us and row.pid not in self._children]
        living = [row.pid for row in ours if not row.zombie]
        for row in ours:
            if row.zombie:
                with suppress(ChildProcessError):
                    os.waitpid(row.pid, os.WNOHANG)
            living += [below.pid for below in descendants(row.pid, table) if not below.zombie]
        return living
