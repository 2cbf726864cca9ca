"""Long polls: wait for a change without polling the database."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

Found = TypeVar("Found")
FALLBACK_S = 1.0
"""A notification may be lost (a reconnect, a publisher that died between commit and NOTIFY): this
bounds the delay.
"""
MAX_WAIT_S = 20.0
"""API Gateway gives up after 29 s, clients of language models after 30 to 45 s."""


class ChangeSignal(Protocol):
    """Wakes long polls when a row of their session or task changes."""

    def wait_for_change(self, *, timeout_s: float) -> None:
        """Return when something changed anywhere, or after `timeout_s`. May return early."""
        ...


def long_poll(
    find: Callable[[], Found | None],
    *,
    signal: ChangeSignal,
    wait_s: float,
    monotonic: Callable[[], float] = time.monotonic,
) -> Found | None:
    """What `find` returns, immediately or within `wait_s` (at most MAX_WAIT_S); None after that.

    `find` is called at least once, again after each signal, and every FALLBACK_S without one.
    """
    until = monotonic() + min(wait_s, MAX_WAIT_S)
    while True:
        found = find()
        left = until - monotonic()
        if found is not None or left <= 0:
            return found
        signal.wait_for_change(timeout_s=min(FALLBACK_S, left))
