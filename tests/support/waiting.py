"""Waiting for what other processes do: for a condition, never for a time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(probe: Callable[[], T | None], *, within_s: float = 60.0) -> T:
    """The first result of `probe` that is neither None, False nor empty.

    Raises AssertionError when there is none in time; the time is only there to end a broken test.
    """
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while True:
        result = probe()
        if result:
            return result
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        pause.wait(0.02)
