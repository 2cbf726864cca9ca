"""When to retry. Pure, except for the random generator, which is an argument."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from aiwebhook.errors import AiWebhookError, LeaseLost, MessagesWaiting

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0

Answer = TypeVar("Answer")


class GaveUp(Exception):
    """The call did not succeed in time; the cause is the last error."""


class RequestRefused(Exception):
    """The request itself is invalid: repeating it cannot help. The cause is the error."""


def backoff_delays(rng: random.Random) -> Iterator[float]:
    """0.2 s doubling to 5 s, each shortened by up to half: many runners must
    not come back in step.
    """
    delay = FIRST_DELAY_S
    while True:
        yield delay * rng.uniform(0.5, 1.0)
        delay = min(delay * 2, LONGEST_DELAY_S)


def call_until_answered(
    call: Callable[[], Answer], *, give_up: threading.Event, within_s: Callable[[], float]
) -> Answer:
    """Repeat the call until the API gives a definite answer. `within_s` returns the seconds left,
    called each time because a drain shortens it; `give_up` ends the waiting at once. Raises GaveUp,
    RequestRefused, LeaseLost or MessagesWaiting.
    """
    delays = backoff_delays(random.Random())  # noqa: S311 (jitter, not a secret)
    while True:
        try:
            return call()
        except (LeaseLost, MessagesWaiting):
            raise
        except AiWebhookError as exc:
            if not exc.retryable:
                raise RequestRefused(exc.detail) from exc
            delay = exc.retry_after_s if exc.retry_after_s is not None else next(delays)
            delay = min(delay, LONGEST_DELAY_S)
            left = within_s()
            if left <= 0 or give_up.wait(min(delay, left)):
                raise GaveUp(str(exc)) from exc


class Deadline:
    """A point in monotonic time that can only move closer."""

    def __init__(self, seconds: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._at = now() + seconds

    def left_s(self) -> float:
        """Seconds left; negative once passed."""
        return self._at - self._now()

    def shorten(self, seconds: float) -> None:
        """Move the deadline to at most `seconds` from now."""
        self._at = min(self._at, self._now() + seconds)
