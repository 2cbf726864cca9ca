"""How far the worker has been told to stop."""

import time
from collections.abc import Callable


class Stopping:
    """How far a stop has been requested: the first signal drains, the second hands tasks back, the
    third exits. For one thread, except `requested`.
    """

    def __init__(self, drain_s: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._drain_s = drain_s
        self._now = now
        self._signals = 0
        self._until: float | None = None
        self._hurried = False

    def request(self) -> int:
        """Count one more signal; returns how many there were."""
        self._signals += 1
        if self._until is None:
            self._until = self._now() + self._drain_s
        return self._signals

    def hurry(self) -> None:
        """Release running tasks."""
        self._hurried = True

    @property
    def requested(self) -> bool:
        """The worker starts no new task."""
        return self._signals > 0

    @property
    def hurried(self) -> bool:
        """The worker no longer waits for running tasks."""
        return self._hurried

    @property
    def at_once(self) -> bool:
        """The worker waits for nothing."""
        return self._signals > 2

    def wake_in_s(self) -> float | None:
        """Seconds until the drain is over; None when there is nothing to wake up for."""
        if self._until is None or self._hurried:
            return None
        return max(self._until - self._now(), 0)
