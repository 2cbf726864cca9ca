"""The minute between two ticks of the reaper, made short: the rules of time stay as they are."""

from __future__ import annotations

import contextlib
import threading
from typing import Self

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from tests.kill.storm_stack import StormStack
from tests.support.tenant import rows, tick

_TICK_S = 2.0
# Back-offs of half a minute and more would only make the test longer: the time passes at once.
_TIME_PASSES = (
    "UPDATE tasks SET run_after = now() WHERE status = 'pending' AND run_after > now()",
    """
    UPDATE deliveries SET next_attempt_at = now()
    WHERE status = 'pending' AND next_attempt_at > now() AND leased_until IS NULL
    """,
)


class Schedule:
    """Ticks in a thread until the block ends."""

    def __init__(self, stack: StormStack) -> None:
        self._stack = stack
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)
        self.swept = 0
        self.ticks = 0
        self.relaunch_rings = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_TICK_S):
            with contextlib.suppress(psycopg.OperationalError):
                for statement in _TIME_PASSES:
                    rows(self._stack.dsn, statement)
            try:
                counts = tick(self._stack)
            except (RuntimeError, BotoCoreError, ClientError):
                continue  # it was killed, or what it needs was: the next tick goes on
            self.ticks += 1
            self.swept += counts["outbox_swept"]
            self.relaunch_rings += counts["agents_rung"]
