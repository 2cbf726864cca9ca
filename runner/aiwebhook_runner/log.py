"""JSON lines on stdout: what the runner did. Facts are keys; never a payload, never a secret."""

import contextlib
import json
import sys
import threading
from typing import TextIO

from aiwebhook.clock import Clock, rfc3339, utc_now


class JsonLog:
    """One line per fact, each with the facts bound at construction. Safe between threads."""

    def __init__(
        self,
        *,
        stream: TextIO | None = None,
        now: Clock = utc_now,
        **bound: object,
    ) -> None:
        self._stream = stream or sys.stdout
        self._now = now
        self._bound = bound
        self._lock = threading.Lock()

    def info(self, message: str, **facts: object) -> None:
        """Something happened as it should."""
        self._write("INFO", message, facts)

    def warning(self, message: str, **facts: object) -> None:
        """Something went wrong that the runner deals with."""
        self._write("WARNING", message, facts)

    def bind(self, **facts: object) -> None:
        """Add facts to every later line."""
        self._bound = self._bound | facts

    def _write(self, level: str, message: str, facts: dict[str, object]) -> None:
        line = {
            "level": level,
            "message": message,
            "timestamp": rfc3339(self._now()),
            "service": "runner",
            **self._bound,
            **facts,
        }
        # A reader that is gone ends neither the run nor the sweep of its processes.
        with self._lock, contextlib.suppress(BrokenPipeError):
            self._stream.write(json.dumps(line, default=str) + "\n")
            self._stream.flush()
