"""How many WAL bytes a task costs, by table, and whether heartbeats stay HOT updates."""

from __future__ import annotations

from collections import Counter
from typing import Any

import psycopg

from aiwebhook.postgres.statements import statement
from benchmarks import ours
from benchmarks.lab import Effort, Lab, say
from benchmarks.report import Section, Table, Verdict, whole
from benchmarks.targets import TASK_WAL
from benchmarks.wal import Wal, written

_TASKS = 400
_LIMIT = 3_450
STEPS = ("claim", "heartbeat", "complete")


# reason: the tables of one section, told in order
def run(lab: Lab, effort: Effort) -> Section:
    """Claim, heartbeat and complete at two payload sizes."""
    lab.set("full_page_writes", "off")
    say("wal: 50 bytes and 1.5 KB of input")
    found = {size: _measure(lab, size) for size in (50, 1500)}
    lab.set("full_page_writes", None)
    small, large = found[50], found[1500]
    per_task = (small["claim"].total + small["complete"].total) / _TASKS
    batched = small["claim 50"].total / _TASKS
    names = ("claim", "claim 50", "heartbeat", "heartbeat 50", "complete")
    del effort
    return Section(
        title="WAL bytes per task",
        how=(
            f"pg_waldump over {_TASKS} tasks, full-page images off (they depend on the distance of "
            "checkpoints, not on the statements). `claim 50`: claimed fifty at a time by a "
            "dispatcher; `claim`: one at a time by a worker, whose run starts at once."
        ),
        tables=(
            Table(
                header=("step", "50 B of input", "1.5 KB of input"),
                rows=[(n, _each(small[n]), _each(large[n])) for n in names],
            ),
            _breakdown(small),
        ),
        verdicts=(
            Verdict(
                row=TASK_WAL,
                target=f"≤ {_LIMIT:,} B per task",
                measured=f"{whole(per_task)} B (queue row {whole(_rows_of_tasks(small))} B)",
                met=per_task <= _LIMIT,
                why="" if per_task <= _LIMIT else _why(small),
            ),
            Verdict(
                target="WAL at 1.5 KB ≤ 1.1× of 50 B",
                measured=f"{large['claim'].total / small['claim'].total:.2f}×",
                met=large["claim"].total <= 1.1 * small["claim"].total,
            ),
            _hot(small["hot"].total),
        ),
        notes=(f"Claims of fifty: {whole(batched)} B per task.",),
    )


_NEEDED = {
    "events": "three numbered events",
    "sessions": "the session's number",
    "tasks": "the queue row",
    "task_attempts": "the attempt",
    "task_results": "the result",
}


def _why(found: dict[str, Wal]) -> str:
    """What the bytes are for, by table with its indexes."""
    together = found["claim"].by_relation + found["complete"].by_relation
    parts = (
        f"{what} {whole((together[name] + together[f'{name} (indexes)']) / _TASKS)} B"
        for name, what in _NEEDED.items()
    )
    return f"what a promise needs, each with its indexes: {', '.join(parts)}"


def _each(wal: Wal) -> str:
    return f"{whole(wal.total / _TASKS)} B"


def _hot(share: float) -> Verdict:
    target = "heartbeats that are HOT ≥ 99 %"
    return Verdict(target=target, measured=f"{share:.0f} %", met=share >= 99)


def _rows_of_tasks(found: dict[str, Wal]) -> float:
    wals = (found["claim"], found["complete"])
    names = ("tasks", "tasks (indexes)")
    return sum(wal.by_relation[name] for wal in wals for name in names) / _TASKS


def _breakdown(found: dict[str, Wal]) -> Table:
    whole_task: Counter[str] = found["claim"].by_relation + found["complete"].by_relation
    rows = [
        (
            name,
            whole(found["claim"].by_relation[name] / _TASKS),
            whole(found["complete"].by_relation[name] / _TASKS),
            whole(value / _TASKS),
        )
        for name, value in whole_task.most_common()
        if value / _TASKS >= 1
    ]
    return Table(header=("written to", "claim, B", "complete, B", "together, B"), rows=rows)


def _measure(lab: Lab, size: int) -> dict[str, Wal]:
    lab.database("wal")
    found: dict[str, Wal] = {}
    with lab.connect("wal", prepare_threshold=0) as connection:
        ours.fill(connection, 5_000)
        connection.execute(
            "update task_payloads set input = jsonb_build_object('text', repeat('x', %s))", (size,)
        )
        connection.execute("vacuum analyze")
        _claim(connection, 100, 1)  # so that the tables have pages
        leases: list[tuple[str, int]] = []
        found["claim"] = written(
            lab, connection, lambda: leases.extend(_claim(connection, _TASKS, 1))
        )
        found["heartbeat"] = written(lab, connection, lambda: _heartbeat(connection, leases, 1))
        found["hot"] = _hot_share(connection, leases)
        found["heartbeat 50"] = written(lab, connection, lambda: _heartbeat(connection, leases, 50))
        found["complete"] = written(lab, connection, lambda: _complete(connection, leases))
        found["claim 50"] = written(lab, connection, lambda: _claim(connection, _TASKS, 50))
    lab.drop("wal")
    return found


def _claim(connection: psycopg.Connection[Any], tasks: int, size: int) -> list[tuple[str, int]]:
    worker = "bench-worker" if size == 1 else None
    order = {**ours.CLAIM, "limit": size, "worker_id": worker}
    leases: list[tuple[str, int]] = []
    while len(leases) < tasks:
        with connection.transaction():
            connection.execute(statement("lock_agent"), order)
            rows = connection.execute(statement("claim_tasks"), order).fetchall()
        leases += [(row[1], row[5]) for row in rows]
    return leases


def _heartbeat(
    connection: psycopg.Connection[Any], leases: list[tuple[str, int]], size: int
) -> None:
    for start in range(0, len(leases), size):
        some = leases[start : start + size]
        params = {
            "project_ids": [ours.PROJECT] * len(some),
            "task_ids": [task_id for task_id, _ in some],
            "lease_epochs": [epoch for _, epoch in some],
            "lease_s": 60,
        }
        connection.execute(statement("heartbeat"), params)


def _complete(connection: psycopg.Connection[Any], leases: list[tuple[str, int]]) -> None:
    for task_id, epoch in leases:
        connection.execute(statement("complete_runs"), ours.completion(task_id, epoch))


def _hot_share(connection: psycopg.Connection[Any], leases: list[tuple[str, int]]) -> Wal:
    """The share of HOT updates in percent, as the `total`."""
    query = (
        "select pg_stat_force_next_flush(), n_tup_upd, n_tup_hot_upd from pg_stat_user_tables"
        " where relname = 'tasks'"
    )
    connection.execute(query)
    before = connection.execute(query).fetchone()
    _heartbeat(connection, leases, 1)
    connection.execute(query)
    after = connection.execute(query).fetchone()
    if before is None or after is None:
        raise RuntimeError("no statistics of tasks")
    share = 100 * (after[2] - before[2]) / (after[1] - before[1])
    return Wal(total=round(share), by_relation=Counter())
