"""JSON lines on stderr; stdout tells the port. Never a header, a token or a word of content."""

import json
import sys
from typing import TextIO

from aiwebhook.clock import Clock, rfc3339, utc_now


class Log:
    """One line per fact: a constant message, and what is particular as keys."""

    def __init__(self, stream: TextIO | None = None, now: Clock = utc_now) -> None:
        self._stream = stream or sys.stderr
        self._now = now

    def info(self, message: str, **facts: object) -> None:
        """Never raises: a log that nobody reads any more must not end a run."""
        line = {"message": message, "timestamp": rfc3339(self._now()), "service": "gateway"}
        try:
            self._stream.write(json.dumps(line | facts, default=str) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            return
