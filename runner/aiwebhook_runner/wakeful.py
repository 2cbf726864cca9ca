"""A clock that continues while the machine sleeps: `time.monotonic` stands still then."""

import time

# Linux counts the sleep in BOOTTIME; macOS counts it in MONOTONIC, which is not what Python's
# time.monotonic reads there.
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def wakeful_now() -> float:
    """Seconds since some point, those asleep included."""
    return time.clock_gettime(_CLOCK)
