"""JSON lines on stdout: what the runner did. Facts are keys; never a payload, never a secret."""

import json
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO


def _utc_now() -> datetime:
    return datetime.now(UTC)


class JsonLog:
    """One line per fact, each with the facts bound at construction. Safe between threads."""

    def __init__(
        self,
        *,
        stream: TextIO | None = None,
        now: Callable[[], datetime] = _utc_now,
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
            "timestamp": self._now().isoformat(timespec="milliseconds"),
            "service": "runner",
            **self._bound,
            **facts,
        }
        with self._lock:
            self._stream.write(json.dumps(line, default=str) + "\n")
            self._stream.flush()
