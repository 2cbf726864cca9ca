"""Reads everything a process prints, whoever else may still hold the pipe open."""

import os
import select
import threading
from collections.abc import Callable
from typing import IO

READ_BYTES = 64 * 1024
LONGEST_PIPE_BYTES = 1024 * 1024
"""The most a Linux pipe holds; whoever writes more than this afterwards is not
the process we read.
"""
POLL_MS = 500


def read_to_the_end(
    pipe: IO[bytes], take: Callable[[bytes], None], *, gone: threading.Event
) -> None:
    """Blocks until nobody can write any more; once `gone` is set, until everything written before
    is read, even if a process that outlived the writer keeps the pipe open. No timeout: a reader
    without a processor for seconds would lose the last lines, and the result is one of them.
    """
    descriptor = pipe.fileno()
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN | select.POLLHUP)
    left = LONGEST_PIPE_BYTES
    while left > 0:
        was_gone = gone.is_set()  # checked first: then everything it wrote is in the pipe by now
        if waiting.poll(0 if was_gone else POLL_MS):
            data = os.read(descriptor, READ_BYTES)
            if not data:
                return
            take(data)
            left -= len(data) if was_gone else 0
        elif was_gone:
            return
