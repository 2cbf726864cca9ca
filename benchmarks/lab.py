"""The bench's server and its measuring instruments.

The server is the embedded Postgres with fsync on, so that commits have their real cost, and
autovacuum off, so that the tables stay in the state that the cell made. Absolute figures of a
shared machine mean little: every cell is compared with another of the same run, and counters
(buffers, bytes, CPU) are preferred to clocks.
"""

from __future__ import annotations

import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path
from typing import Any, LiteralString, TypeVar

import psutil
import psycopg
from psycopg import conninfo, sql

from aiwebhook.postgres.credentials import Credentials
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.migrate import migrate
from aiwebhook_local.postgres import EmbeddedPostgres, PostgresOptions
from aiwebhook_local.postgres_files import installed_binaries

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
_BUFFERS = re.compile(r"Buffers: shared((?: \w+=\d+)+)")
_TPS = re.compile(r"tps = ([\d.]+) \(without initial connection time\)")
_TICK_S = 0.01  # the kernel rounds the CPU of ended processes to this
_SETTINGS: Mapping[LiteralString, LiteralString] = {
    "shared_buffers": "2GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "autovacuum": "off",
    "wal_keep_size": "1GB",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much to measure; `quick` is for trying the bench out, not for publication."""

    quick: bool
    depths: Sequence[int]
    backlog: int
    rounds: int
    jobs: int

    @classmethod
    def of(cls, *, quick: bool) -> Effort:
        """The effort of a quick or a whole run."""
        if quick:
            return cls(quick=True, depths=(1_000, 50_000), backlog=50_000, rounds=2, jobs=150)
        depths = (1_000, 100_000)  # that claims are flat to a million is counted, not timed
        return cls(quick=False, depths=depths, backlog=1_000_000, rounds=3, jobs=1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The result of a pgbench run: transactions per second, and server CPU in µs per transaction
    (NaN if it was too little to be measured).
    """

    tps: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Lab:
    """A running server; `database()` makes fresh databases."""

    server: EmbeddedPostgres
    folder: Path
    login_cpu_s: float = 0  # what a connection costs the server before its first statement

    def measured(self) -> Lab:
        """The same lab, with `login_cpu_s` measured."""
        load = self.pgbench("postgres", "select 1;", clients=80, each=1)
        return replace(self, login_cpu_s=load.cpu_us / 1e6)

    def database(self, name: str) -> str:
        """Create a fresh, migrated database; returns its DSN."""
        dsn = self._created(name, "template0")
        migrate(dsn)
        return dsn

    def clone(self, template: str, name: str) -> str:
        """Copy the files of a database without connections; returns the copy's DSN."""
        return self._created(name, template)

    def drop(self, *names: str) -> None:
        """Drop a database, to free its disk space."""
        with self.connect("postgres") as connection:
            for name in names:
                drop = sql.SQL("drop database if exists {} with (force)")
                connection.execute(drop.format(sql.Identifier(name)))

    def connect(self, name: str, prepare_threshold: int | None = 5) -> psycopg.Connection[Any]:
        """A connection in autocommit to the database of that name."""
        dsn = self.server.dsn(name)
        return psycopg.connect(dsn, autocommit=True, prepare_threshold=prepare_threshold)

    def opened(self, name: str) -> Database:
        """The product's own Database on the database of that name."""
        return open_database(self.server.dsn(name))

    def set(self, setting: LiteralString, value: str | None) -> None:
        """Change a setting of the server at once; None resets it."""
        change = (
            sql.SQL("alter system reset {}").format(sql.Identifier(setting))
            if value is None
            else sql.SQL("alter system set {} = {}").format(sql.Identifier(setting), value)
        )
        with self.connect("postgres") as connection:
            connection.execute(change)
            connection.execute("select pg_reload_conf()")

    def pgbench(self, name: str, script: str, *, clients: int, each: int) -> Load:
        """Run a script `each` times per client, prepared. Raises RuntimeError when it fails."""
        file = self.folder / "script.sql"
        file.write_text(script)
        before = self._backend_cpu_s()
        command = [self.program("pgbench"), self.server.dsn(name), "--no-vacuum", "--define=n=0"]
        command += ["--protocol=prepared", f"--file={file}", f"--client={clients}"]
        command += ["--jobs=2" if clients > 1 else "--jobs=1", f"--transactions={each}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = _TPS.search(done.stdout)
        if done.returncode != 0 or found is None or "actually processed: 0/" in done.stdout:
            raise RuntimeError(f"pgbench failed: {done.stderr[-2000:]}")
        cpu_s = self._backend_cpu_s() - before - clients * self.login_cpu_s
        enough = cpu_s >= 5 * _TICK_S
        return Load(tps=float(found[1]), cpu_us=cpu_s * 1e6 / (clients * each) if enough else nan)

    def program(self, name: str) -> str:
        """A program of the server's own installation."""
        return str(installed_binaries(18) / name)

    def _created(self, name: str, template: str) -> str:
        self.drop(name)
        create = sql.SQL("create database {} template {} strategy file_copy")
        with self.connect("postgres") as connection:
            connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        return self.server.dsn(name)

    def _backend_cpu_s(self) -> float:
        # A backend's CPU is accounted when the postmaster reaps it, some time after pgbench exits:
        # read too early, it would be attributed to the next cell.
        postmaster = psutil.Process(self.server.pid)
        deadline = time.monotonic() + 10
        while any(_is_backend(child) for child in postmaster.children()):
            if time.monotonic() > deadline:
                raise RuntimeError("somebody is still connected: the CPU cannot be told apart")
        spent = postmaster.cpu_times()
        return spent.children_user + spent.children_system


def open_database(dsn: str) -> Database:
    """The product's own Database, for a process that knows only an address."""
    return Database(lambda: credentials_in(dsn))


def credentials_in(dsn: str) -> Credentials:
    """The DSN as the product's credentials."""
    parts = conninfo.conninfo_to_dict(dsn)
    return Credentials(
        host=str(parts["host"]),
        port=int(parts["port"] or 0),
        username=str(parts["user"]),
        password=str(parts["password"]),
        dbname=str(parts["dbname"]),
    )


def _is_backend(process: psutil.Process) -> bool:
    """Whether the process serves a client or is ending, when it has no title or is a zombie."""
    try:
        title = " ".join(process.cmdline())
    except psutil.ZombieProcess:
        return True
    except psutil.NoSuchProcess:
        return False
    return not title or "127.0.0.1" in title


@contextmanager
def running_lab() -> Generator[Lab]:
    """Run a server in a temporary folder until the block ends."""
    with tempfile.TemporaryDirectory(prefix="aiwebhook-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server runs as `nobody` when we are root
        server = EmbeddedPostgres(PostgresOptions(folder=folder / "postgres"))
        server.start()
        try:
            lab = Lab(server=server, folder=folder)
            for setting, value in _SETTINGS.items():
                lab.set(setting, value)
            server.stop()
            server.start()
            yield lab.measured()
        finally:
            server.stop()


def buffers(
    connection: psycopg.Connection[Any], query: LiteralString, params: Mapping[str, object]
) -> int:
    """Shared buffers one execution touches (hit + read), rolled back; the median of five
    after a warm-up.
    """
    counts: list[int] = []
    for _ in range(6):
        with connection.transaction(force_rollback=True):
            explain = "explain (analyze, buffers, costs off) " + query
            rows = connection.execute(explain, params).fetchall()
            plan = "\n".join(row[0] for row in rows).split("Planning")[0]
        top = _BUFFERS.search(plan)
        parts = top[1].split() if top else []
        counts.append(sum(int(p.split("=")[1]) for p in parts if p.startswith(("hit", "read"))))
    return int(statistics.median(counts[1:]))


def blocks_asked(
    connection: psycopg.Connection[Any], work: Callable[[], object], clear: Callable[[], object]
) -> int:
    """Blocks of tables and indexes that `work` requests: the mean of 21 calls after 7 to warm up,
    without `clear`, which follows each. Not EXPLAIN's count, which omits CTEs that nothing reads;
    and not rolled back, because the statement would then be planned anew each time.
    """
    counts: list[int] = []
    for _ in range(28):
        before = _blocks(connection)
        work()
        counts.append(_blocks(connection) - before)
        clear()
    return round(statistics.mean(counts[7:]))


def _blocks(connection: psycopg.Connection[Any]) -> int:
    connection.execute("select pg_stat_force_next_flush()")
    row = connection.execute(
        "select sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0))"
        "::bigint from pg_statio_user_tables"
    ).fetchone()
    return row[0] if row else 0


def shuffled_rounds(cells: Mapping[K, Callable[[], T]], rounds: int) -> dict[K, list[T]]:
    """Run every cell once per round, each round in a new order."""
    order = random.Random(1)  # noqa: S311  reason: an order, not a secret
    seen: dict[K, list[T]] = {name: [] for name in cells}
    for _ in range(rounds):
        names = list(cells)
        order.shuffle(names)
        for name in names:
            seen[name].append(cells[name]())
    return seen


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; `share` between 0 and 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def say(text: str) -> None:
    """Report progress on stderr."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
