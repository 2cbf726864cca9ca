"""What an adapter is told by its environment, and what it tells on stdout."""

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
    """Jobs that this process enqueues in a second."""
    rate_file: Path | None
    """Holds another rate while it exists with a number in it."""
    workers: int
    work_s: float
    sample_s: float
    rescue_s: int
    """After how long a job of a dead worker is given to another."""
    window_s: float
    """Of how many seconds the percentiles of waits are."""

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
    """When a job began, and how long it had waited: those of the window."""
    _enqueued: int = 0
    _completed: int = 0

    def enqueued(self) -> None:
        """A job was accepted."""
        with self._lock:
            self._enqueued += 1

    def completed(self, wait_s: float) -> None:
        """A job is done; it had waited so long when it was begun."""
        with self._lock:
            self._completed += 1
            self._waits.append((time.monotonic(), wait_s))

    def describe(self, manifest: Mapping[str, object], version: str) -> None:
        """The first line: who this is."""
        _print({"kind": "descriptor", **manifest, "version": version, "started_at": _now()})

    def sample_until(self, stopping: threading.Event, every_s: float) -> None:
        """Print samples at whole multiples of `every_s` of the clock, a last one at the end."""
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
    """Yields once per job that is to be enqueued, until stopping. What a blocked producer has
    missed is not made up for.
    """
    at = time.monotonic()
    while not stopping.is_set():
        rate = terms.rate_now()
        at = max(at + 1 / rate if rate else at + 0.1, time.monotonic() - 0.1)
        if not stopping.wait(at - time.monotonic()) and rate:
            yield


def _print(line: Mapping[str, object]) -> None:
    # Not sys.stdout: the relay in this process is made to write its log nowhere.
    print(json.dumps(line), flush=True, file=sys.__stdout__)


def _now() -> str:
    return utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
