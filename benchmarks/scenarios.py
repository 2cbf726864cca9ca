"""Chaos and pressure: what a queue does while something is wrong, and whether it comes back.

The nine scenarios are those of hardbyte's postgresql-job-queue-benchmarking, on
the embedded Postgres instead of a container and with shorter phases. Two processes of a system
share the load; each reads its rate from a file and reports every second.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from aiwebhook_local.waiting import wait_until
from benchmarks.lab import Lab
from benchmarks.queues import SYSTEMS, System

RATE = 50.0
"""Jobs per second of both processes together, which even the slowest system here easily does."""
REPLICAS, RESCUE_S = 2, 5
_WARMUP_S, _BASELINE_S, _SETTLE_S, _RECOVERY_S, _DRAIN_S = 2.0, 5.0, 5.0, 5.0, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Jobs per second before, during and after the disturbance, and the jobs that never ended."""

    baseline: float
    stress: float
    recovery: float
    left: int


@dataclass(slots=True, kw_only=True)
class Fleet:
    """The processes of one system on one database."""

    lab: Lab
    name: str
    folder: Path
    completed: int = 0
    _processes: dict[int, subprocess.Popen[str]] = field(default_factory=dict)

    @property
    def system(self) -> System:
        """The system that runs."""
        return SYSTEMS[self.name]

    @property
    def database(self) -> str:
        """The name of its database."""
        return f"chaos_{self.name.replace('-', '_')}"

    @property
    def _rate_file(self) -> Path:
        return self.folder / "rate"

    def set_rate(self, rate: float) -> None:
        """Set the jobs per second of all processes together."""
        self._rate_file.write_text(str(rate / REPLICAS))

    def start(self, number: int) -> None:
        """Start one process."""
        env = {
            "DATABASE_URL": self.lab.server.dsn(self.database),
            "PRODUCER_RATE_CONTROL_FILE": str(self._rate_file),
            "SAMPLE_EVERY_S": "1",
            "RESCUE_AFTER_SECS": str(RESCUE_S),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.queues", self.name],
            env={**os.environ, **env},  # noqa: TID251  reason: a process of ours
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._processes[number] = process
        threading.Thread(target=self._read, args=(process,), daemon=True).start()

    def kill(self, number: int) -> None:
        """SIGKILL one process."""
        process = self._processes.pop(number)
        process.kill()
        process.wait()

    def end(self) -> None:
        """Send SIGTERM, then SIGKILL to processes that stay."""
        for process in self._processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()

    def left(self) -> int:
        """The number of jobs that have not ended."""
        with self.lab.connect(self.database) as connection:
            row = connection.execute(self.system.left).fetchone()
        return int(row[0]) if row else 0

    def rate_over(self, seconds: float) -> float:
        """Measure the jobs completed per second over that many seconds."""
        before, started = self.completed, time.monotonic()
        time.sleep(seconds)  # noqa: TID251  reason: the time that is measured
        return (self.completed - before) / (time.monotonic() - started)

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            sample = json.loads(line)
            if sample.get("metric") == "completion_rate":
                self.completed += round(sample["value"] * sample["window_s"])


Stress = Callable[[Fleet], float]
"""Disturbs a fleet for a while; returns the jobs per second meanwhile."""


def crash(fleet: Fleet) -> float:
    """One of two processes is killed, and started again after a while."""
    fleet.kill(0)
    rate = fleet.rate_over(_SETTLE_S)
    fleet.start(0)
    return rate


def repeated_kills(fleet: Fleet) -> float:
    """The same process is killed and started again every three seconds."""
    rates: list[float] = []
    for _ in range(3):
        fleet.kill(0)
        fleet.start(0)
        rates.append(fleet.rate_over(3))
    return sum(rates) / len(rates)


def postgres_restart(fleet: Fleet) -> float:
    """The server is stopped for three seconds."""
    fleet.lab.server.stop()
    rate = fleet.rate_over(3)
    fleet.lab.server.start()
    return rate


def backend_kills(fleet: Fleet) -> float:
    """Two of the system's connections are terminated every second."""
    with fleet.lab.connect("postgres") as connection:
        rates: list[float] = []
        for _ in range(round(2 * _SETTLE_S)):
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = %s order by random() limit 1",
                (fleet.database,),
            )
            rates.append(fleet.rate_over(0.5))
    return sum(rates) / len(rates)


def pool_exhaustion(fleet: Fleet) -> float:
    """All free connections of the server are taken."""
    with ExitStack() as held, suppress(psycopg.OperationalError):
        for _ in range(300):
            held.enter_context(fleet.lab.connect(fleet.database))
        return fleet.rate_over(_SETTLE_S)
    return fleet.rate_over(_SETTLE_S)


def idle_in_transaction(fleet: Fleet) -> float:
    """A transaction with an id stays open and idle, so that no dead row can be removed."""
    with fleet.lab.connect(fleet.database) as connection, connection.transaction():
        connection.execute("select pg_current_xact_id()")
        return fleet.rate_over(2 * _SETTLE_S)


def high_load(fleet: Fleet) -> float:
    """The rate is one and a half times as high."""
    fleet.set_rate(1.5 * RATE)
    rate = fleet.rate_over(2 * _SETTLE_S)
    fleet.set_rate(RATE)
    return rate


def active_readers(fleet: Fleet) -> float:
    """Four sessions in REPEATABLE READ scan the busiest tables."""
    with _readers(fleet):
        return fleet.rate_over(2 * _SETTLE_S)


def burst(fleet: Fleet) -> float:
    """The readers and the higher rate together."""
    with _readers(fleet):
        return high_load(fleet)


CHAOS: Mapping[str, Stress] = {
    "postgres_restart": postgres_restart,
    "pg_backend_kill": backend_kills,
    "pool_exhaustion": pool_exhaustion,
    "crash_recovery": crash,
    "repeated_kills": repeated_kills,
}
PRESSURE: Mapping[str, Stress] = {
    "idle_in_tx": idle_in_transaction,
    "sustained_high_load": high_load,
    "active_readers": active_readers,
    "event_burst": burst,
}


def play(lab: Lab, name: str, stress: Stress) -> Outcome:
    """One scenario on a database of its own."""
    fleet = Fleet(lab=lab, name=name, folder=lab.folder)
    lab.clone("template0", fleet.database)
    with lab.connect(fleet.database) as connection:
        fleet.system.install(connection)
    fleet.set_rate(RATE)
    try:
        for number in range(REPLICAS):
            fleet.start(number)
        if not wait_until(lambda: fleet.completed > 0, timeout_s=30):
            raise RuntimeError(f"{name} completed no job: run python -m benchmarks.queues {name}")
        fleet.rate_over(_WARMUP_S)
        baseline = fleet.rate_over(_BASELINE_S)
        stressed = stress(fleet)
        fleet.rate_over(_SETTLE_S)
        recovery = fleet.rate_over(_RECOVERY_S)
        fleet.set_rate(0)
        wait_until(lambda: fleet.left() == 0, timeout_s=_DRAIN_S, period_s=0.2)
        left = fleet.left()
    finally:
        fleet.end()
        lab.drop(fleet.database)
    return Outcome(baseline=baseline, stress=stressed, recovery=recovery, left=left)


@contextmanager
def _readers(fleet: Fleet) -> Generator[None]:
    stopping = threading.Event()
    threads = [threading.Thread(target=_scan, args=(fleet, stopping)) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _scan(fleet: Fleet, stopping: threading.Event) -> None:
    with fleet.lab.connect(fleet.database) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        while not stopping.is_set():
            with connection.transaction():
                for table in fleet.system.tables:
                    scan = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
                    connection.execute(scan)
                    stopping.wait(0.5)
