"""Counts what a stretch of work costs the database: statements, round trips, commits, WAL."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.pq import Trace

from tests.support.commands import CountedDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`statements` as they ran; bytes are those of the whole server, which is ours alone."""

    name: str
    statements: tuple[str, ...]
    round_trips: int
    commits: int
    wal: int

    def __str__(self) -> str:
        counted = f"{self.round_trips} trips, {self.commits} commits, {self.wal} B"
        return f"{self.name}: {counted}: {' '.join(self.statements)}"


@dataclass(slots=True, kw_only=True)
class CostMeter:
    """Watches one connection, from a second one; nothing else may write to the server."""

    database: CountedDatabase
    observer: psycopg.Connection[Any]
    steps: list[Step] = field(default_factory=list[Step])

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Count what happens meanwhile as one step."""
        names: list[str] = []
        self.database.counted = names
        with tempfile.TemporaryFile() as trace:
            pgconn = self.database.connection.pgconn
            pgconn.trace(trace.fileno())
            pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
            commits, wal = self._position()
            try:
                yield
            finally:
                pgconn.untrace()
                self.database.counted = None
            after, end = self._position()
            trips = round_trips(os.pread(trace.fileno(), 1 << 24, 0))
        self.steps.append(
            Step(
                name=name,
                statements=tuple(names),
                round_trips=trips,
                commits=after - commits,
                wal=end - wal,
            )
        )

    def _position(self) -> tuple[int, int]:
        """How many transactions have written, and where the WAL ends. A commit that waits for no
        disk is in it too: the position is that of the insert.
        """
        row = self.observer.execute(
            "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,"
            " (pg_current_wal_insert_lsn() - '0/0')::bigint"
        ).fetchone()
        assert row is not None
        return row[0], row[1]


def round_trips(trace: bytes) -> int:
    """How often the client waited: for each Sync, and for each simple query. What a pipeline sends
    at once has one Sync.
    """
    return len(re.findall(rb"^F\t\d+\t(?:Sync|Query)\b", trace, re.MULTILINE))


def median(lives: list[list[Step]]) -> list[Step]:
    """Per step the life with the median WAL: a page that is pruned, or begun, costs one
    of them more.
    """
    return [
        sorted(steps, key=lambda step: step.wal)[len(steps) // 2]
        for steps in zip(*lives, strict=True)
    ]
