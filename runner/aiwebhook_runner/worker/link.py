"""Whether the deployment can be reached: logs one line per change, whoever notices."""

import threading
from collections.abc import Callable

from aiwebhook_runner.wakeful import wakeful_now
from aiwebhook_runner.worker.worker_log import WorkerLog


class Link:
    """Every thread that calls the deployment reports here."""

    def __init__(self, url: str, log: WorkerLog, *, now: Callable[[], float] = wakeful_now) -> None:
        self._url = url
        self._log = log
        self._now = now
        self._lock = threading.Lock()
        self._up: bool | None = None
        self._answered_at: float | None = None
        self._down_since = 0.0

    @property
    def up(self) -> bool:
        """The last call was answered."""
        return self._up is True

    @property
    def was_up(self) -> bool:
        """At least one call was answered."""
        return self._answered_at is not None

    def silent_s(self) -> float | None:
        """Seconds since the last answer; None before the first."""
        return None if self._answered_at is None else self._now() - self._answered_at

    def answered(self) -> None:
        """A call was answered."""
        with self._lock:
            before, first = self._up, self._answered_at is None
            self._up, self._answered_at = True, self._now()
            away_s = self._now() - self._down_since
        if before is not True:
            sentence = (
                f"connected to {self._url}" if first else f"connected again after {away_s:.0f} s"
            )
            self._log.write("connected", sentence, url=self._url)

    def failed(self, reason: str) -> None:
        """A call failed, or was refused."""
        with self._lock:
            before, self._up = self._up, False
            if before is not False:
                self._down_since = self._now()
        if before is not False:
            self._log.write("disconnected", f"{reason} Trying again.", reason=reason)
