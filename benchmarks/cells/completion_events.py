"""What the events of a completion cost its writers: sixteen clients, with events on and off."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from itertools import count

from benchmarks import ours
from benchmarks.lab import Effort, Lab, say, shuffled_rounds
from benchmarks.report import Section, Table, Verdict, times, whole

CLIENTS = 16
_numbers = count(1)
_OUTBOX = "array(select (o ->> 'outbox_id')::bigint from jsonb_array_elements(:outbox::jsonb) o)"
_NOTIFY = "pg_notify('aiwebhook', '')"


# reason: the cells and the table of one section, told in order
def run(lab: Lab, effort: Effort) -> Section:
    """Five ways to end a run."""
    say("completion events: 16 clients")
    lab.database("events")
    with lab.connect("events") as connection:
        ours.prepare(connection)
    cells = {name: _cell(lab, effort, script) for name, script in _SCRIPTS.items()}
    found = shuffled_rounds(cells, effort.rounds + 2)
    lab.drop("events")
    tps = {name: statistics.median(values) for name, values in found.items()}
    off = tps["off"]
    return Section(
        title="Write throughput with completion events",
        how=(
            f"{CLIENTS} clients complete runs, each its own; fsync on. Off: `complete_runs` alone. "
            "On: `complete_runs`, then `settle_outbox` as a statement of its own that waits for no "
            "disk: it forgets the pushed rows and sends the NOTIFY."
        ),
        tables=(
            Table(
                header=("completion events", "runs/s", "÷ off"),
                rows=[(name, whole(value), times(value / off)) for name, value in tps.items()],
            ),
        ),
        verdicts=(_verdict(tps),),
        notes=(
            (
                "`NOTIFY inside` is the usual way (a NOTIFY in the transaction of the write): "
                "every commit then waits for the ones before it."
            ),
        ),
    )


def _verdict(tps: dict[str, float]) -> Verdict:
    ratio = tps["on"] / tps["off"]
    quiet = times(tps["on"] / tps["settled, no NOTIFY"])
    return Verdict(
        target="writes with completion events on ≥ 0.9× of off, 16 clients",
        measured=f"{times(ratio)}; of settling without NOTIFY {quiet}",
        met=ratio >= 0.9,
        why="" if ratio >= 0.9 else _WHY,
    )


_WHY = (
    "settling is one more statement per run: on two cores that clients share with the server it "
    "takes its share of CPU, wherever the NOTIFY is"
)


def _settled(notify: str | None) -> Callable[[str], str]:
    rooms = dict.fromkeys(("project_ids", "agent_names"), "array[]::text[]")
    text = ours.as_pgbench("settle_outbox", {"outbox_ids": _OUTBOX, **rooms})
    if _NOTIFY in text:
        text = text if notify is None else text.replace(_NOTIFY, notify)
    return lambda prefix: (
        ours.pgbench_complete(prefix, clients=CLIENTS, end="\\gset") + text + ";\n"
    )


def _off(prefix: str) -> str:
    return ours.pgbench_complete(prefix, clients=CLIENTS)


def _inside(prefix: str) -> str:
    write = ours.pgbench_complete(prefix, clients=CLIENTS)
    first, rest = write.split("\n", 1)
    return f"{first}\nbegin;\n{rest}select {_NOTIFY};\nend;\n"


_SCRIPTS: dict[str, Callable[[str], str]] = {
    "off": _off,
    "settled, no NOTIFY": _settled("null"),
    "on": _settled(None),
    "NOTIFY inside": _inside,
}


def _cell(lab: Lab, effort: Effort, script: Callable[[str], str]) -> Callable[[], float]:
    each = 10 if effort.quick else 40

    def cell() -> float:
        prefix = f"run-{next(_numbers)}-"
        with lab.connect("events") as connection:
            connection.execute("truncate outbox")
            ours.start(connection, prefix, CLIENTS * each)
            connection.execute("vacuum analyze tasks, sessions, task_attempts")
        return lab.pgbench("events", script(prefix), clients=CLIENTS, each=each).tps

    return cell
