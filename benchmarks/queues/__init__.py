"""Queues as long-running processes with the JSONL interface of hardbyte's benchmark of job queues
(postgresql-job-queue-benchmarking): settings in the environment, one sample per line on stdout,
logs on stderr, an end at SIGTERM. `adapter.json` is the manifest for its harness, so that our queue
can run there too; benchmarks/scenarios.py runs all of them here, without Docker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from benchmarks import procrastinate_sql, rival_workers
from benchmarks.queues import ours, rivals
from benchmarks.queues.meter import Meter, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One queue: how it is installed and run, and how its jobs are counted in the database."""

    package: str | None
    """The package whose version is reported; None: this repository's."""
    install: Callable[[psycopg.Connection[Any]], None]
    run: Callable[[Terms, Meter, threading.Event], None]
    tables: Sequence[str]
    """Its busiest tables, which the scenarios' readers scan."""
    left: LiteralString
    """Counts the jobs that have not ended."""


SYSTEMS: Mapping[str, System] = {
    "aiwebhook": System(
        package=None,
        install=ours.install,
        run=ours.run,
        tables=("tasks", "task_attempts", "events"),
        left="select count(*) from tasks where phase < 2",
    ),
    "procrastinate": System(
        package="procrastinate",
        install=procrastinate_sql.install,
        run=rivals.run_procrastinate,
        tables=("procrastinate_jobs", "procrastinate_events"),
        left="select count(*) from procrastinate_jobs where status <> 'succeeded'",
    ),
    "oban-py": System(
        package="oban",
        install=rival_workers.install_oban,
        run=rivals.run_oban,
        tables=("oban_jobs",),
        left="select count(*) from oban_jobs where state <> 'completed'",
    ),
    "pgqueuer": System(
        package="pgqueuer",
        install=rival_workers.install_pgqueuer,
        run=rivals.run_pgqueuer,
        tables=("pgqueuer", "pgqueuer_log"),
        left="select count(*) from pgqueuer",
    ),
    "pgmq": System(
        package="pgmq",
        install=rival_workers.install_pgmq,
        run=rivals.run_pgmq,
        tables=("pgmq.q_bench", "pgmq.a_bench"),
        left="select count(*) from pgmq.q_bench",
    ),
}
