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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """Server and client CPU of one claim and one complete, µs."""

    claim: float
    complete: float
    client: float


# reason: the cells and the table of one section, told in order
def run(lab: Lab, effort: Effort) -> Section:
    """CPU per call in three modes."""
    say("planning: three modes")
    lab.database("plans")
    with lab.connect("plans") as connection:
        ours.fill(connection, 20_000)
        connection.execute("vacuum analyze")
    calls = 40 if effort.quick else 150
    cells = {name: partial(_cell, lab, value, calls) for name, value in _MODES.items()}
    found = shuffled_rounds(cells, effort.rounds)
    lab.drop("plans")
    rows = {name: _median(values) for name, values in found.items()}
    base = rows["prepared at the second run (threshold 1)"]
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
        notes=(_NOTE,),
    )


_NOTE = (
    "A warm Lambda keeps one connection, so it pays for planning at each request unless statements "
    "are prepared. RDS Proxy would pin such a connection; the template has none."
)


def _median(values: list[Cpu]) -> Cpu:
    return Cpu(
        claim=statistics.median(cpu.claim for cpu in values),
        complete=statistics.median(cpu.complete for cpu in values),
        client=statistics.median(cpu.client for cpu in values),
    )


def _cell(lab: Lab, threshold: int | None, calls: int) -> Cpu:
    with lab.connect("plans", prepare_threshold=threshold) as connection:
        connection.execute("set synchronous_commit = off")
        for _ in range(8):
            connection.execute(statement("complete_runs"), _claim(connection))
        client, start = time.process_time(), _spent_us(connection)
        leases = [_claim(connection) for _ in range(calls)]
        middle = _spent_us(connection)
        for lease in leases:
            connection.execute(statement("complete_runs"), lease)
        end = _spent_us(connection)
        client = time.process_time() - client
    return Cpu(
        claim=(middle - start) / calls, complete=(end - middle) / calls, client=client * 1e6 / calls
    )


def _claim(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    with connection.transaction():
        connection.execute(statement("lock_agent"), ours.CLAIM)
        row = connection.execute(statement("claim_tasks"), ours.CLAIM).fetchone()
    if row is None:
        raise RuntimeError("nothing to claim")
    return ours.completion(row[1], row[5])


def _spent_us(connection: psycopg.Connection[Any]) -> float:
    # Nanoseconds on a CPU, first field; finer than the ticks of /proc/<pid>/stat.
    schedule = Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text()
    return int(schedule.split()[0]) / 1000
