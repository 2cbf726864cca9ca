"""An adapter's settings, from the environment, and its samples, on stdout."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiwebhook.clock import utc_now
from benchmarks.lab import percentile

_SHARES = (50, 95, 99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The settings that every adapter reads. Raises KeyError for a missing one."""

    dsn: str
    rate: float
    """Jobs per second that this process enqueues."""
    rate_file: Path | None
    """A file that, while it contains a number, overrides the rate."""
    workers: int
    work_s: float
    sample_s: float
    rescue_s: int
    """Seconds after which a dead worker's job is given to another worker."""
    window_s: float
    """The seconds that the percentiles of waits cover."""

    @classmethod
    def from_env(cls) -> Terms:
        env = os.environ  # noqa: TID251  reason: the protocol's settings, not the product's
        control = env.get("PRODUCER_RATE_CONTROL_FILE")
        return cls(
            dsn=env["DATABASE_URL"],
            rate=float(env.get("PRODUCER_RATE", "50")),
            rate_file=Path(control) if control else None,
            workers=int(env.get("WORKER_COUNT", "4")),
            work_s=float(env.get("JOB_WORK_MS", "1")) / 1000,
            sample_s=float(env.get("SAMPLE_EVERY_S", "5")),
            rescue_s=int(env.get("RESCUE_AFTER_SECS", "5")),
            window_s=float(env.get("WINDOW_S", "30")),
        )

    def rate_now(self) -> float:
        """The rate file's number, else the fixed rate."""
        try:
            return float(self.rate_file.read_text()) if self.rate_file else self.rate
        except (OSError, ValueError):
            return self.rate


@dataclass(slots=True, kw_only=True)
class Meter:
    """Counts what an adapter does, from any thread, and prints it every `sample_s`."""

    system: str
    window_s: float = 30
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _waits: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """For each job of the window, when it began and how long it had waited."""
    _enqueued: int = 0
    _completed: int = 0

    def enqueued(self) -> None:
        """A job was accepted."""
        with self._lock:
            self._enqueued += 1

    def completed(self, wait_s: float) -> None:
        """A job is done; it had waited `wait_s` before it began."""
        with self._lock:
            self._completed += 1
            self._waits.append((time.monotonic(), wait_s))

    def describe(self, manifest: Mapping[str, object], version: str) -> None:
        """Print the first line, which identifies the adapter."""
        _print({"kind": "descriptor", **manifest, "version": version, "started_at": _now()})

    def sample_until(self, stopping: threading.Event, every_s: float) -> None:
        """Print samples when the clock is a multiple of `every_s`, and a last one at the end."""
        since = time.monotonic()
        while not stopping.wait(every_s - time.time() % every_s):
            since = self._sample(since)
        self._sample(since)

    def _sample(self, since: float) -> float:
        now = time.monotonic()
        with self._lock:
            enqueued, completed = self._enqueued, self._completed
            self._enqueued = self._completed = 0
            self._waits = [each for each in self._waits if each[0] > now - self.window_s]
            waits = [wait_s for _, wait_s in self._waits]
        seconds = max(now - since, 1e-3)
        self._metric("enqueue_rate", enqueued / seconds, round(seconds, 3))
        self._metric("completion_rate", completed / seconds, round(seconds, 3))
        for share in _SHARES if waits else ():
            wait_ms = percentile(waits, share / 100) * 1000
            self._metric(f"claim_p{share}_ms", wait_ms, self.window_s)
        return now

    def _metric(self, name: str, value: float, window_s: float) -> None:
        sample = {"kind": "adapter", "subject_kind": "adapter", "subject": ""}
        measured = {"metric": name, "value": round(value, 3), "window_s": window_s}
        _print({"t": _now(), "system": self.system, **sample, **measured})


def due(terms: Terms, stopping: threading.Event) -> Iterator[None]:
    """Yield once per job to be enqueued, until stopping. Jobs that a blocked producer has missed
    are not made up for.
    """
    at = time.monotonic()
    while not stopping.is_set():
        rate = terms.rate_now()
        at = max(at + 1 / rate if rate else at + 0.1, time.monotonic() - 0.1)
        if not stopping.wait(at - time.monotonic()) and rate:
            yield


def _print(line: Mapping[str, object]) -> None:
    # Not sys.stdout, which is redirected to discard the log of the relay in this process.
    print(json.dumps(line), flush=True, file=sys.__stdout__)


def _now() -> str:
    return utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
