"""From an agent's print to the line of `aiwebhook task watch`, on a whole local stack."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiwebhook_local.stack import StackInfo, running_stack
from benchmarks.lab import Effort, Lab, percentile, say
from benchmarks.report import Section, Table, Verdict, ms
from tests.support.tenant import Tenant, tenant

_EVENTS = 40
_TARGET_S = 0.5
_SILENCE_S = 3.0
"""Before the first event: the watcher is there by then, in its long poll."""
_PAUSES_S = (0.0, 0.02, 0.1, 0.25, 0.35, 0.8, 1.9)
"""Bursts, steps just below and above the runner's batch, and silences. 20 s for 40 events."""
_ROUNDED = "Runner and database tell whole milliseconds, so that a step may seem to take less."
_AGENT = """
import json, sys, time
for pause in {pauses}:
    time.sleep(pause)
    print(json.dumps({{"type": "progress", "message": repr(time.time())}}), flush=True)
print(json.dumps({{"type": "result", "output": {{"text": "Done."}}}}), flush=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedEvent:
    """One event, in seconds since the epoch: one machine, one clock."""

    printed: float
    read: float
    """When the runner received it, which the event records."""
    recorded: float
    """When its transaction began, by the database's clock."""
    shown: float
    """When `task watch` printed its line."""


def run(lab: Lab, effort: Effort) -> Section:
    """One task after another; each agent prints the time at which it prints."""
    tasks = 1 if effort.quick else 3
    say(f"task watch: {tasks} tasks of {_EVENTS} events")
    order = random.Random(1)  # noqa: S311  reason: an order, not a secret
    seen: list[WatchedEvent] = []
    with running_stack(home=lab.folder / ".local", port=0) as stack, tenant(stack) as project:
        for _ in range(tasks):
            pauses = [order.choice(_PAUSES_S) for _ in range(_EVENTS - 1)]
            seen += _watched(stack, project, [_SILENCE_S, *pauses])
    return _section(seen, tasks)


def _watched(stack: StackInfo, project: Tenant, pauses: Sequence[float]) -> list[WatchedEvent]:
    project.play("researcher", _AGENT.format(pauses=list(pauses)))
    task_id = project.delegate(project.session(), "researcher")
    with _watching(stack, project, task_id) as watch:
        seen = [_seen(json.loads(line), time.time()) for line in watch.stdout or ()]
    found = [event for event in seen if event]
    if len(found) != len(pauses):
        raise RuntimeError(f"{len(found)} of {len(pauses)} events came")
    return found


@contextmanager
def _watching(stack: StackInfo, project: Tenant, task_id: str) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "aiwebhook_cli", "task", "watch", task_id, "--json"]
    credentials = {"AIWEBHOOK_URL": stack.url, "AIWEBHOOK_API_KEY": project.key}
    with subprocess.Popen(
        command,
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path), **credentials},
        stdout=subprocess.PIPE,
        text=True,
    ) as watch:
        yield watch
    if watch.returncode:
        raise RuntimeError(f"task watch ended with {watch.returncode}")


def _seen(event: dict[str, Any], shown: float) -> WatchedEvent | None:
    data = event["data"]
    if "at" not in data:  # not of the agent, or a heartbeat that tells the last one again
        return None
    return WatchedEvent(
        printed=float(data["message"]),
        read=datetime.fromisoformat(data["at"]).timestamp(),
        recorded=datetime.fromisoformat(event["time"]).timestamp(),
        shown=shown,
    )


def _section(seen: Sequence[WatchedEvent], tasks: int) -> Section:
    steps = {
        "printed → read by the runner": [event.read - event.printed for event in seen],
        "→ recorded (the runner's batch, POST)": [event.recorded - event.read for event in seen],
        "→ shown by `task watch`": [event.shown - event.recorded for event in seen],
        "printed → shown": [event.shown - event.printed for event in seen],
    }
    late = steps["printed → shown"]
    p95 = percentile(late, 0.95)
    return Section(
        title="Agent's print → line of `task watch`",
        how=(
            f"A whole local stack; {tasks} × {_EVENTS} events of an agent of kind `command`, some"
            f" in bursts, some after silence; `aiwebhook task watch --json` reads along."
        ),
        tables=(
            Table(
                header=("", "p50", "p95", "longest"),
                rows=[
                    (step, *map(ms, (percentile(took, 0.5), percentile(took, 0.95), max(took))))
                    for step, took in steps.items()
                ],
            ),
        ),
        verdicts=(
            Verdict(
                target="events reach `task watch` ≤ 500 ms after the CLI printed them (p95)",
                measured=f"{ms(p95)} (longest {ms(max(late))})",
                met=p95 <= _TARGET_S,
            ),
        ),
        notes=(_ROUNDED,),
    )
