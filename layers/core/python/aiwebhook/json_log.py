"""JSON lines of the processes that are no functions: runner, worker, gateway.

Functions log with Powertools (`aiwebhook.observability`), in the same shape.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from typing import TextIO

from aiwebhook.clock import Clock, rfc3339, utc_now


class JsonLog:
    """One line per fact: a constant message, and what is particular as keys.

    Never a payload, a header or a secret. Safe between threads. Never raises: a reader
    that is gone ends neither a run nor the sweep of its processes.
    """

    def __init__(
        self, *, service: str, stream: TextIO | None = None, now: Clock = utc_now, **bound: object
    ) -> None:
        """`stream` is where lines go, else stdout; `bound` stands on every line."""
        self._stream = stream or sys.stdout
        self._now = now
        self._bound: dict[str, object] = {"service": service, **bound}
        self._lock = threading.Lock()

    def info(self, message: str, **facts: object) -> None:
        self._write("INFO", message, facts)

    def warning(self, message: str, **facts: object) -> None:
        """Something went wrong that the process deals with."""
        self._write("WARNING", message, facts)

    def bind(self, **facts: object) -> None:
        """Add facts to every later line."""
        self._bound = self._bound | facts

    def _write(self, level: str, message: str, facts: dict[str, object]) -> None:
        line = {
            "level": level,
            "message": message,
            "timestamp": rfc3339(self._now()),
            **self._bound,
            **facts,
        }
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._stream.write(json.dumps(line, default=str) + "\n")
            self._stream.flush()
