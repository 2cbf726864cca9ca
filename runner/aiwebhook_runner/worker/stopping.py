"""How far the worker has been told to stop."""

import time
from collections.abc import Callable

CLAIMS_S = 5.0
"""How long a worker in a hurry waits for the answers to its last claims, which may contain tasks.
"""


class Stopping:
    """How far a stop has been requested: the first signal drains, the second hands tasks back, the
    third exits. For one thread, except `requested`.
    """

    def __init__(self, drain_s: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._drain_s = drain_s
        self._now = now
        self._signals = 0
        self._until: float | None = None
        self._claims_until: float | None = None
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

    def bound_claims(self) -> None:
        """Wait for claims under way no longer than CLAIMS_S from now."""
        if self._claims_until is None:
            self._claims_until = self._now() + CLAIMS_S

    @property
    def requested(self) -> bool:
        """The worker starts no new task."""
        return self._signals > 0

    @property
    def hurried(self) -> bool:
        """The worker no longer waits for running tasks."""
        return self._hurried

    @property
    def claims_given_up(self) -> bool:
        """The worker no longer waits for claims under way."""
        return self._claims_until is not None and self._now() >= self._claims_until

    @property
    def at_once(self) -> bool:
        """The worker waits for nothing."""
        return self._signals > 2

    def wake_in_s(self) -> float | None:
        """Seconds until the drain is over, or claims are given up; None when there is nothing to
        wake up for.
        """
        ends = [] if self._until is None or self._hurried else [self._until]
        if self._claims_until is not None and not self.claims_given_up:
            ends.append(self._claims_until)
        return max(min(ends) - self._now(), 0) if ends else None

    @property
    def drained(self) -> bool:
        """Running tasks have had their time."""
        return self._until is not None and self._now() >= self._until
