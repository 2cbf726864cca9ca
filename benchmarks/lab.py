"""The bench's server and its measuring instruments.

The server is the embedded Postgres with fsync on (so that a commit costs what it costs) and autovacuum off
(so that a state of the tables is what the cell made it). Absolute figures of a shared machine mean little:
every cell is compared with another of the same run.
"""

from __future__ import annotations

import random
import re
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg

from aiwebhook.postgres.migrate import migrate
from aiwebhook_local.postgres import EmbeddedPostgres, PostgresOptions
from aiwebhook_local.postgres_files import usable_binaries

_BUFFERS = re.compile(r"Buffers: shared((?: \w+=\d+)+)")
_TPS = re.compile(r"tps = ([\d.]+) \(without initial connection time\)")
_SETTINGS = (
    "shared_buffers = '2GB'",
    "max_wal_size = '8GB'",
    "checkpoint_timeout = '30min'",
    "autovacuum = off",
)


@dataclass(frozen=True, slots=True)
class Lab:
    """A running server; `database()` makes fresh databases."""

    server: EmbeddedPostgres
    folder: Path

    def database(self, name: str) -> str:
        """A fresh, migrated database; the dsn."""
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute(_sql(f"drop database if exists {name} with (force)"))
            connection.execute(_sql(f"create database {name}"))
        dsn = self.server.dsn(name)
        migrate(dsn)
        return dsn

    def pgbench(self, dsn: str, script: str, *, clients: int, seconds: int) -> float:
        """Transactions per second of a pgbench script with prepared statements."""
        file = self.folder / "script.sql"
        file.write_text(script)
        command = [usable_binaries(18, "") / "pgbench", dsn, "-n", "-M", "prepared"]
        command += ["-f", file, "-c", str(clients), "-j", "2", "-T", str(seconds)]
        done = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, check=False
        )
        found = _TPS.search(done.stdout)
        if done.returncode != 0 or found is None:
            raise RuntimeError(f"pgbench failed: {done.stderr[-2000:]}")
        return float(found[1])


@contextmanager
def running_lab() -> Iterator[Lab]:
    """A server in a temporary folder, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="aiwebhook-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server runs as `nobody` when we are root
        server = EmbeddedPostgres(PostgresOptions(folder=folder / "postgres"))
        server.start()
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            for setting in _SETTINGS:
                connection.execute(_sql(f"alter system set {setting}"))
        server.stop()
        server.start()
        try:
            yield Lab(server=server, folder=folder)
        finally:
            server.stop()


def buffers(connection: psycopg.Connection[Any], query: LiteralString, params: Mapping[str, object]) -> int:
    """Shared buffers one execution touches (hit + read), rolled back; the median of five after a warm-up."""
    counts: list[int] = []
    for _ in range(6):
        with connection.transaction(force_rollback=True):
            plan = connection.execute(_sql("explain (analyze, buffers, costs off) ") + query, params)
            text = "\n".join(row[0] for row in plan).split("Planning")[0]
        top = _BUFFERS.search(text)
        counts.append(sum(int(part.split("=")[1]) for part in top[1].split()
                          if part.startswith(("hit", "read"))) if top else 0)
    return int(statistics.median(counts[1:]))


def wal_bytes(connection: psycopg.Connection[Any], work: Callable[[], object]) -> int:
    """Bytes of WAL written while `work` ran; nothing else may write to the server meanwhile."""
    before = connection.execute("select pg_current_wal_insert_lsn()").fetchone()
    work()
    after = connection.execute("select pg_current_wal_insert_lsn() - %s::pg_lsn", before).fetchone()
    assert after is not None
    return int(after[0])


def shuffled_rounds(
    cells: Mapping[str, Callable[[], float]], rounds: int, seed: int = 1
) -> dict[str, float]:
    """Run every cell once per round in a new order; the median of each cell over the rounds."""
    order = random.Random(seed)
    seen: dict[str, list[float]] = {name: [] for name in cells}
    for _ in range(rounds):
        names = list(cells)
        order.shuffle(names)
        for name in names:
            seen[name].append(cells[name]())
    return {name: statistics.median(values) for name, values in seen.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; `share` between 0 and 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _sql(text: str) -> LiteralString:
    # The bench builds SQL of its own constants only (database names, settings).
    return cast(LiteralString, text)
