"""Claim and complete in SQL, next to procrastinate's functions, at growing depth."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from itertools import count
from math import isnan, nan
from typing import LiteralString

from benchmarks import ours, procrastinate_sql
from benchmarks.lab import Effort, Lab, Load, say, shuffled_rounds
from benchmarks.report import Section, Table, Verdict, times, whole

CLIENTS = (1, 4)
BATCH = 50
_SMALL = 10_000  # so many rows are made anew for each cell, more of them for each round
_numbers = count(1)
Loads = dict[tuple[str, int], list[Load]]


# reason: the cells and the table of one section, told in order
def run(lab: Lab, effort: Effort) -> Section:
    """Two tables: one task at a time, and claims of fifty."""
    single: list[tuple[str, ...]] = []
    batch: list[tuple[str, ...]] = []
    deepest: dict[str, Loads] = {}
    for depth in effort.depths:
        commits = ("off", "on") if depth == effort.depths[-1] else ("off",)
        for commit, loads in _measure(lab, effort, depth, commits).items():
            label = (f"{depth:,}", commit)
            single += [_single_row((*label, str(n)), n, loads) for n in CLIENTS]
            batch.append(_batch_row(label, loads))
            if depth == effort.depths[-1]:
                deepest[commit] = loads
    return Section(
        title="Claim and complete in SQL",
        how=_HOW,
        tables=(
            Table(header=_SINGLE_HEADER, rows=single),
            Table(header=_BATCH_HEADER, rows=batch),
        ),
        verdicts=_verdicts(effort.depths[-1], deepest),
        notes=(_NOTE,),
    )


_HOW = (
    "pgbench with prepared statements, both sides vacuumed before each round. `synchronous_commit` "
    "is off but for the last rows, because the disk of a shared machine is slower and less even "
    "than either queue. Ours: `lock_agent` + `claim_tasks` in a transaction, then `complete_runs`. "
    "Procrastinate: `procrastinate_fetch_job_v2`, then `procrastinate_finish_job_v1`. Ours also "
    "writes the attempt, the result, three numbered session events, and the outbox; procrastinate "
    "writes two job events."
)
_NOTE = (
    "A batch exists for claims only: a dispatcher claims up to 50 tasks in one transaction. "
    "Completions are one transaction per run, because each run reports over HTTP when it ends; the "
    "last column adds 50 of them to the claim."
)
_SINGLE_HEADER = (
    "depth",
    "waits for disk",
    "clients",
    "ours, jobs/s",
    "procrastinate, jobs/s",
    "ratio",
    "ours, server CPU µs/job",
    "procrastinate, server CPU µs/job",
    "CPU ratio",
)
_BATCH_HEADER = (
    "depth",
    "waits for disk",
    "claim 50, tasks/s",
    "procrastinate fetch, jobs/s",
    "claim ÷ fetch",
    "claim 50 ÷ (fetch + finish)",
    "CPU µs/task, claim 50",
    "CPU of fetch + finish ÷ claim 50",
    "(claim 50 + 50 completes) ÷ (fetch + finish)",
)


def _measure(
    lab: Lab, effort: Effort, depth: int, commits: Sequence[LiteralString]
) -> dict[str, Loads]:
    """By `synchronous_commit`."""
    say(f"claim: filling {depth:,} rows on both sides")
    lab.database("ours")
    lab.database("rival")
    with lab.connect("rival") as connection:
        procrastinate_sql.install(connection)
    found: dict[str, Loads] = {commit: {} for commit in commits}
    for round_number in range(effort.rounds):
        say(f"claim: depth {depth:,}, round {round_number + 1} of {effort.rounds}")
        for commit in commits:
            lab.set("synchronous_commit", commit)
            _refill(lab, depth)
            for name, values in shuffled_rounds(_cells(lab, effort, depth), 1).items():
                found[commit].setdefault(name, []).extend(values)
    lab.drop("ours", "rival")
    lab.set("synchronous_commit", None)
    return found


def _refill(lab: Lab, depth: int) -> None:
    with lab.connect("ours") as connection:
        ours.tidy(connection, depth, prefix=f"fill-{next(_numbers)}-")
    with lab.connect("rival") as connection:
        procrastinate_sql.tidy(connection, depth)


def _clear(lab: Lab, database: str) -> None:
    """Remove what the next cell would pay for."""
    with lab.connect(database) as connection:
        (ours if database == "ours" else procrastinate_sql).clear(connection)


def _cells(lab: Lab, effort: Effort, depth: int) -> dict[tuple[str, int], Callable[[], Load]]:
    jobs = min(effort.jobs, depth // 2)
    batches = min(4 * effort.jobs, depth // 2) // BATCH

    def cell(database: str, script: str, clients: int, number: int) -> Callable[[], Load]:
        def measured() -> Load:
            if depth <= _SMALL:
                _refill(lab, depth)
            try:
                return lab.pgbench(database, script, clients=clients, each=number // clients)
            finally:
                _clear(lab, database)

        return measured

    def complete() -> Load:
        prefix = f"run-{next(_numbers)}-"
        with lab.connect("ours") as connection:
            ours.start(connection, prefix, jobs)
        script = ours.pgbench_complete(prefix, clients=1)
        load = lab.pgbench("ours", script, clients=1, each=jobs)
        _clear(lab, "ours")
        return load

    cells = {
        ("claim 50", 1): cell("ours", ours.pgbench_claim(BATCH), 1, batches),
        ("complete", 1): complete,
        ("fetch", 1): cell("rival", procrastinate_sql.PGBENCH_FETCH, 1, jobs),
    }
    for clients in CLIENTS:
        cells["ours", clients] = cell("ours", ours.pgbench_single(), clients, jobs)
        cells["rival", clients] = cell("rival", procrastinate_sql.PGBENCH_SINGLE, clients, jobs)
    return cells


def _median(loads: Loads, name: str, clients: int = 1) -> Load:
    values = loads[name, clients]
    return Load(
        tps=statistics.median(load.tps for load in values),
        cpu_us=statistics.median([x.cpu_us for x in values if not isnan(x.cpu_us)] or [nan]),
    )


def _single_row(label: tuple[str, ...], clients: int, loads: Loads) -> tuple[str, ...]:
    mine, theirs = _median(loads, "ours", clients), _median(loads, "rival", clients)
    return (
        *label,
        whole(mine.tps),
        whole(theirs.tps),
        times(mine.tps / theirs.tps),
        whole(mine.cpu_us),
        whole(theirs.cpu_us),
        times(mine.cpu_us / theirs.cpu_us),
    )


def _batch_row(label: tuple[str, ...], loads: Loads) -> tuple[str, ...]:
    claim, fetch, rival = (_median(loads, name) for name in ("claim 50", "fetch", "rival"))
    both_s = 1 / (claim.tps * BATCH) + 1 / _median(loads, "complete").tps
    return (
        *label,
        whole(claim.tps * BATCH),
        whole(fetch.tps),
        times(claim.tps * BATCH / fetch.tps),
        times(claim.tps * BATCH / rival.tps),
        whole(claim.cpu_us / BATCH),
        times(rival.cpu_us * BATCH / claim.cpu_us),
        times(1 / both_s / rival.tps),
    )


def _verdicts(depth: int, deepest: dict[str, Loads]) -> list[Verdict]:
    """Verdicts on commits that do not wait for the disk, whose time would hide what a queue costs;
    figures with the disk are in brackets.
    """
    four = {c: _median(x, "ours", 4).tps / _median(x, "rival", 4).tps for c, x in deepest.items()}
    batch = {
        c: _median(x, "claim 50").tps * BATCH / _median(x, "rival").tps for c, x in deepest.items()
    }
    return [
        Verdict(
            target=f"single claim + complete at {depth:,}, 4 clients, ≥ 1.5× procrastinate",
            measured=f"{times(four['off'])} ({times(four['on'])} when commits wait for the disk)",
            met=four["off"] >= 1.5,
            why="" if four["off"] >= 1.5 else _WHY_SINGLE,
        ),
        Verdict(
            target=f"claims of 50 at {depth:,}, ≥ 12× procrastinate's fetch + finish",
            measured=f"{times(batch['off'])} ({times(batch['on'])} when commits wait for the disk)",
            met=batch["off"] >= 12,
            why="" if batch["off"] >= 12 else _WHY_BATCH,
        ),
    ]


_WHY_SINGLE = (
    "the target was set by a bare queue row; ours writes twelve rows per task (queue row, number "
    "of its session and attempt twice each, three events, result, news, outbox), procrastinate "
    "four; and two fifths of our server CPU, or more, are what the two large statements cost that "
    "find nothing (see Planning time), which a batch pays once"
)
_WHY_BATCH = (
    "each claimed task is an update of its row, an attempt and an event, whatever the batch; what "
    "the disk costs, which a batch pays once, is in brackets"
)
