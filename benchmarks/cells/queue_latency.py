"""How long a job waits at a low rate, from its request to its start; ours and other queues."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from time import monotonic

from benchmarks.lab import Effort, Lab, say
from benchmarks.queues import SYSTEMS
from benchmarks.report import Section, Table
from benchmarks.rival_workers import installed

RATES = (20, 50)
_SHARES = (50, 99)
_WARM_S = 3.0
_HOW = (
    "An open loop: a job is asked for when it is due, whatever became of those before. From just "
    "before that request to the beginning of the job in one process with a producer and four "
    "workers, which is what the adapters of `resilience` run: enqueued, committed, found, "
    "claimed. Ours goes through relay's handler in Python, and its workers look again every 50 ms "
    "where they found nothing; procrastinate, pgqueuer and oban-py are woken by NOTIFY; pgmq's "
    "reader polls in the server every 50 ms. {window:g} s at each rate after {warm:g} s."
)


def run(lab: Lab, effort: Effort) -> Section:
    """Each system at each rate, one after the other, on databases of their own."""
    window_s = 3.0 if effort.quick else 12.0
    rows: list[tuple[str, ...]] = []
    for name, system in SYSTEMS.items():
        if system.package is not None and not installed(system.package):
            continue
        cells: list[str] = []
        for rate in RATES:
            say(f"queue latency: {name}, {rate} a second")
            waits = _waits(lab, name, rate, window_s)
            cells += [f"{waits[share]:,.1f} ms" for share in _SHARES]
        rows.append((name, *cells))
    header = [f"{rate} jobs/s, p{share}" for rate in RATES for share in _SHARES]
    return Section(
        title="How long a job waits",
        how=_HOW.format(window=window_s, warm=_WARM_S),
        tables=(Table(header=("", *header), rows=rows),),
    )


def _waits(lab: Lab, name: str, rate: int, window_s: float) -> Mapping[int, float]:
    """Waits in milliseconds at each percentile, over the last `window_s` seconds."""
    database = f"latency_{name.replace('-', '_')}"
    lab.clone("template0", database)
    with lab.connect(database) as connection:
        SYSTEMS[name].install(connection)
    env = {
        "DATABASE_URL": lab.server.dsn(database),
        "PRODUCER_RATE": str(rate),
        "SAMPLE_EVERY_S": "1",
        "WINDOW_S": str(window_s),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.queues", name],
        env={**os.environ, **env},  # noqa: TID251  reason: a process of ours
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            return _last(process, _WARM_S + window_s)
        finally:
            process.terminate()
            lab.drop(database)


def _last(process: subprocess.Popen[str], seconds: float) -> Mapping[int, float]:
    """The last waits that the process has reported after that many seconds."""
    waits: dict[int, float] = {}
    until = monotonic() + seconds
    for line in process.stdout or ():
        sample = json.loads(line)
        for share in _SHARES:
            if sample.get("metric") == f"claim_p{share}_ms":
                waits[share] = sample["value"]
        if monotonic() > until and len(waits) == len(_SHARES):
            return waits
    raise RuntimeError("the process ended: run python -m benchmarks.queues by hand")
