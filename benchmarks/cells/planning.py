"""What planning costs: our statements prepared, prepared after five runs, and never prepared."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from aiwebhook.postgres.statements import statement
from benchmarks import ours
from benchmarks.lab import Effort, Lab, say, shuffled_rounds
from benchmarks.report import Section, Table, times, whole

_MODES: dict[str, int | None] = {
    "never prepared (threshold None)": None,
    "prepared at the second run (threshold 1)": 1,
    "prepared at the sixth run (threshold 5)": 5,
}
_BASE = "prepared at the second run (threshold 1)"
_NOTHING = "the same, with nothing to claim, and the lease lost"
_IDLE = "idle"
"""An agent without tasks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """Server and client CPU of one claim and one complete, µs."""

    claim: float
    complete: float
    client: float


# reason: the cells and the table of one section, told in order
def run(lab: Lab, effort: Effort) -> Section:
    """CPU per call in three modes, and of calls that find nothing."""
    say("planning: three modes, and without a row")
    lab.database("plans")
    with lab.connect("plans") as connection:
        ours.fill(connection, 20_000)
        ours.prepare(connection, agent=_IDLE)
        connection.execute("vacuum analyze")
    calls = 40 if effort.quick else 150
    cells = {name: partial(_cell, lab, value, calls) for name, value in _MODES.items()}
    cells[_NOTHING] = partial(_cell, lab, _MODES[_BASE], calls, finds=False)
    found = shuffled_rounds(cells, effort.rounds)
    lab.drop("plans")
    rows = {name: _median(values) for name, values in found.items()}
    base = rows[_BASE]
    return Section(
        title="Planning time",
        how=(
            "Server CPU of one claim transaction and one `complete_runs` by the kernel's "
            "account of the backend, client CPU of both together, psycopg, one connection."
        ),
        tables=(
            Table(
                header=("mode", "claim, µs", "complete, µs", "client, µs", "server CPU, ratio"),
                rows=[
                    (
                        name,
                        whole(cpu.claim),
                        whole(cpu.complete),
                        whole(cpu.client),
                        times((cpu.claim + cpu.complete) / (base.claim + base.complete)),
                    )
                    for name, cpu in rows.items()
                ],
            ),
        ),
        notes=(_NOTE, _NOTE_NOTHING),
    )


_NOTE = (
    "A warm Lambda keeps one connection, so it pays for planning at each request unless statements "
    "are prepared. RDS Proxy would pin such a connection; the template has none."
)

_NOTE_NOTHING = (
    "What a statement costs that finds nothing is its start and its end, whatever it would write: "
    "a batch pays that once."
)


def _median(values: list[Cpu]) -> Cpu:
    return Cpu(
        claim=statistics.median(cpu.claim for cpu in values),
        complete=statistics.median(cpu.complete for cpu in values),
        client=statistics.median(cpu.client for cpu in values),
    )


def _cell(lab: Lab, threshold: int | None, calls: int, *, finds: bool = True) -> Cpu:
    with lab.connect("plans", prepare_threshold=threshold) as connection:
        connection.execute("set synchronous_commit = off")
        for _ in range(8):
            connection.execute(statement("complete_runs"), _claimed(connection))
        leases = [] if finds else [_lost(_claimed(connection)) for _ in range(calls)]
        client, start = time.process_time(), _spent_us(connection)
        if finds:
            leases = [_claimed(connection) for _ in range(calls)]
        else:
            for _ in range(calls):
                _claim(connection, _IDLE)
        middle = _spent_us(connection)
        for lease in leases:
            connection.execute(statement("complete_runs"), lease)
        end = _spent_us(connection)
        client = time.process_time() - client
    return Cpu(
        claim=(middle - start) / calls, complete=(end - middle) / calls, client=client * 1e6 / calls
    )


def _claim(connection: psycopg.Connection[Any], agent: str) -> tuple[Any, ...] | None:
    order = {**ours.CLAIM, "agent_name": agent}
    with connection.transaction():
        connection.execute(statement("lock_agent"), order)
        return connection.execute(statement("claim_tasks"), order).fetchone()


def _claimed(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """The completion of a run that was just claimed."""
    row = _claim(connection, ours.AGENT)
    if row is None:
        raise RuntimeError("nothing to claim")
    return ours.completion(row[1], row[5])


def _lost(completion: dict[str, Any]) -> dict[str, Any]:
    """The same completion under a lease that has passed to another run meanwhile."""
    return {**completion, "lease_epochs": [epoch - 1 for epoch in completion["lease_epochs"]]}


def _spent_us(connection: psycopg.Connection[Any]) -> float:
    # Nanoseconds on a CPU, first field; finer than the ticks of /proc/<pid>/stat.
    schedule = Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text()
    return int(schedule.split()[0]) / 1000
