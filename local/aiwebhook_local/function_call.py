"""One call of a function, from the front's point of view."""

import contextlib
import subprocess
import threading
from collections.abc import Generator
from contextvars import ContextVar

INTEGRATION_LIMIT_S = 29.0
"""How long API Gateway waits for a function."""


class FunctionCall:
    """One request, and the function's process that works on it. Safe between threads."""

    def __init__(self, limit_s: float = INTEGRATION_LIMIT_S) -> None:
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._abandoned = False
        self.too_late = False
        """Set when the function worked for longer than API Gateway waits."""

    @contextlib.contextmanager
    def served_by(self, process: "subprocess.Popen[str]") -> Generator[None]:
        """While the block runs, and no longer than the limit: then the process is ended. Raises
        ProcessLookupError when nobody waits for the call any more.
        """
        with self._lock:
            if self._abandoned:
                raise ProcessLookupError("Worker is not asked: the caller has gone away")
            self._process = process
        limit = threading.Timer(self._limit_s, self._end_late)
        limit.daemon = True
        limit.start()
        try:
            yield
        finally:
            limit.cancel()
            with self._lock:
                self._process = None

    def _end_late(self) -> None:
        with self._lock:
            if self._process is not None:
                self.too_late = True
                self._process.kill()

    def abandon(self) -> None:
        """End the process, and with it the call: nobody waits for it."""
        with self._lock:
            self._abandoned = True
            if self._process is not None:
                self._process.terminate()


current_call: ContextVar[FunctionCall | None] = ContextVar("current_call", default=None)
"""Of the request that this thread or task serves; the emulator's threads inherit it."""
