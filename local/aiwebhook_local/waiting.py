"""Waiting for what sends no event: a port that opens, a pid file, the state of a stack."""

import time
from collections.abc import Callable


def wait_until(done: Callable[[], bool], *, timeout_s: float, period_s: float = 0.02) -> bool:
    """Poll until `done()` is true; False if it is not after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(period_s)  # noqa: TID251 - the one place: nothing of the above can be waited for
    return True
