"""Our claim loop in Python next to procrastinate, oban-py, pgqueuer and pgmq."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg

from aiwebhook.domain.lease import LEASE_S
from aiwebhook.ports.queue_rows import ClaimOrder, Completion
from aiwebhook.ports.run_reports import RunReport
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.queue_store import PostgresQueueStore
from benchmarks import ours, rival_workers
from benchmarks.lab import Effort, Lab, say, shuffled_rounds
from benchmarks.report import Section, Table, Verdict, times, whole
from benchmarks.targets import FIFTY

BATCH = 50
_RIVALS: dict[
    str, tuple[str, rival_workers.Run, Callable[[psycopg.Connection[Any], int], None]]
] = {
    "procrastinate worker": (
        "procrastinate",
        rival_workers.procrastinate,
        rival_workers.fill_procrastinate,
    ),
    "oban-py, limit 20": ("oban", rival_workers.oban, rival_workers.fill_oban),
    "pgqueuer, batch 50": ("pgqueuer", rival_workers.pgqueuer, rival_workers.fill_pgqueuer),
    "pgmq by its SQL, 1": ("pgmq", partial(rival_workers.pgmq, size=1), rival_workers.fill_pgmq),
    "pgmq by its SQL, 50": ("pgmq", partial(rival_workers.pgmq, size=50), rival_workers.fill_pgmq),
}
_QUICK = {"pgqueuer, batch 50", "pgmq by its SQL, 50"}
"""They would be done before a clock tells anything."""
_PEER = "procrastinate worker"
_CLAIMS, _SINGLE, _BATCHED = (
    "ours: dispatcher, claims of 50, launch not counted",
    "ours: worker, claim 1 and complete",
    "ours: claims of 50, completed by 50",
)
_SAME, _BARE = "same: history of each job, retries, locks", "bare queue"
_PROMISES = {
    _PEER: _SAME,
    "oban-py, limit 20": _BARE,
    "pgqueuer, batch 50": _BARE,
    "pgmq by its SQL, 1": _BARE,
    "pgmq by its SQL, 50": _BARE,
    _CLAIMS: "more: leases with fencing, events in order, fair turns",
    _SINGLE: "more",
    _BATCHED: "more",
}
"""A bare queue is published beside ours, and judges nothing: it promises less."""
_TARGET = 2.0


def run(lab: Lab, effort: Effort) -> Section:
    """Jobs per second of each; the jobs are empty."""
    backlog = min(effort.backlog, 100_000)
    number = 150 if effort.quick else 1_000
    rivals = {name: rival for name, rival in _RIVALS.items() if rival_workers.installed(rival[0])}
    missing = [name for name in _RIVALS if name not in rivals]
    cells: dict[str, Callable[[], tuple[float, float]]] = {}
    for name, (_, worker, fill) in rivals.items():
        database = name.replace(" ", "_")
        say(f"workers: filling {name}")
        lab.clone("template0", database)
        with lab.connect(database) as connection:
            fill(connection, backlog)
        jobs = number * (8 if name in _QUICK else 1)
        cells[name] = partial(_rival, lab, database, worker, jobs)
    say("workers: filling ours")
    lab.database("ours")
    with lab.connect("ours") as connection:
        ours.fill(connection, backlog)
        connection.execute("vacuum analyze")
    database = lab.opened("ours")
    loops = {_CLAIMS: (BATCH, False), _SINGLE: (1, True), _BATCHED: (BATCH, True)}
    for name, (limit, complete) in loops.items():
        cells[name] = partial(_ours, database, number, limit=limit, complete=complete)
    say(f"workers: {effort.rounds} rounds of {number} jobs")
    found = shuffled_rounds(cells, effort.rounds)
    database.close()
    lab.drop("ours", *(name.replace(" ", "_") for name in rivals))
    return _section(found, backlog, missing)


def _section(
    found: dict[str, list[tuple[float, float]]], backlog: int, missing: list[str]
) -> Section:
    rate = {name: statistics.median(r for r, _ in values) for name, values in found.items()}
    cpu = {name: statistics.median(c for _, c in values) for name, values in found.items()}
    ratio = rate[_BATCHED] / rate[_PEER] if _PEER in rate else None
    verdict = Verdict(
        row=FIFTY,
        target=f"published; aim ≥ {_TARGET:g}× {_PEER}",
        measured="" if ratio is None else times(ratio),
        met=None if ratio is None else ratio >= _TARGET,
        why=_ABSENT if ratio is None else "" if ratio >= _TARGET else _WHY,
    )
    return Section(
        title="Python workers",
        how=(
            f"{backlog:,} ready jobs, nothing done in the job, one process each, rivals on uvloop "
            "where it is installed. A dispatcher's work ends with the claim and the launch; the "
            "rivals' worker also writes that the job is done, so ours is shown both ways."
        ),
        tables=(
            Table(
                header=("", "promises", "jobs/s", "client CPU µs/job"),
                rows=[
                    (name, _PROMISES[name], whole(rate[name]), whole(cpu[name])) for name in rate
                ],
            ),
        ),
        verdicts=(verdict,),
        notes=[f"{name}: {_ABSENT}" for name in missing],
    )


_WHY = "each task also writes its attempt, its result and three numbered events"
_ABSENT = "not in this environment (oban-py needs Python 3.12)"


def _rival(lab: Lab, database: str, worker: rival_workers.Run, jobs: int) -> tuple[float, float]:
    cpu = time.process_time()
    rate = rival_workers.rate(worker, lab.server.dsn(database), jobs)
    return rate, (time.process_time() - cpu) * 1e6 / jobs


def _ours(database: Database, number: int, *, limit: int, complete: bool) -> tuple[float, float]:
    store = PostgresQueueStore(database)
    order = ClaimOrder(
        project_id=ours.PROJECT,
        agent_name=ours.AGENT,
        limit=limit,
        lease_s=LEASE_S,
        worker_id="bench-worker" if complete else None,
    )
    start, cpu, done = time.perf_counter(), time.process_time(), 0
    while done < number:
        tasks = store.claim_tasks(order)
        if complete:
            reports = [RunReport(lease=t.lease, completion=Completion(output={})) for t in tasks]
            store.complete_runs(reports)
        done += len(tasks)
    seconds = time.perf_counter() - start
    return done / seconds, (time.process_time() - cpu) * 1e6 / done
