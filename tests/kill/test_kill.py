"""A hundred kills under a steady load: nothing lost, nothing done twice, everything ended."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_local.database import PROJECT
from aiwebhook_local.stack import SOURCE_ROOT
from tests.kill.cap_watch import CapWatch
from tests.kill.check_deliveries import check_deliveries
from tests.kill.checker import Checker
from tests.kill.findings import Findings
from tests.kill.github import Github
from tests.kill.kill_points import KillPoints
from tests.kill.ledger import Ledger
from tests.kill.nemesis import Nemesis, Toll
from tests.kill.processes import StackProcesses
from tests.kill.schedule import Schedule
from tests.kill.settings import KillSettings
from tests.kill.storm_stack import StormStack
from tests.kill.worker import Worker
from tests.kill.workload import QUICK_AGENTS, Workload
from tests.support.agents import QUICK
from tests.support.living import living_in
from tests.support.receiver import Receiver, running_receiver
from tests.support.tenant import Tenant, tenant

DRAIN_S = 240
WORKER = ("--agents", "local,memory_keeper", "--concurrency", "2", "--name", "laptop")
"""`local` works on no other machine, `memory_keeper` also in the emulated cloud."""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[StormStack]:
    with StormStack(tmp_path) as running:
        yield running
    assert living_in(tmp_path) == [], "processes outlived the stack"


def calm(project: Tenant) -> bool:
    """Whether nothing is left to do."""
    [left] = project.sql(
        "SELECT (SELECT count(*) FROM tasks"
        "  WHERE status NOT IN ('completed', 'failed', 'cancelled'))"
        " + (SELECT count(*) FROM outbox)"
        " + (SELECT count(*) FROM deliveries WHERE status = 'pending') AS n"
    )
    return left["n"] == 0


def drain(project: Tenant) -> float:
    """Seconds until everything has come to its end, or DRAIN_S."""
    start = time.monotonic()
    pause = threading.Event()
    while not calm(project) and time.monotonic() - start < DRAIN_S:
        pause.wait(0.5)
    return time.monotonic() - start


def counters(
    project: Tenant, stack: StormStack, ledger: Ledger, receiver: Receiver, toll: Toll
) -> dict[str, Any]:
    """The table of the report."""
    attempts = project.sql(
        "SELECT status, count(*) AS n FROM task_attempts WHERE project_id = %(project_id)s"
        " GROUP BY status ORDER BY status"
    )
    [tasks] = project.sql(
        "SELECT count(*) AS tasks, count(*) FILTER (WHERE status = 'completed') AS completed,"
        " count(*) FILTER (WHERE claims > 1) AS recovered, max(claims) AS most_claims"
        " FROM (SELECT t.status, (SELECT count(*) FROM task_attempts a"
        "  WHERE a.project_id = t.project_id AND a.task_id = t.task_id) AS claims FROM tasks t"
        "  WHERE project_id = %(project_id)s AND session_id !~ '^(garden|errand)') t"
    )
    ids = Counter(callback.webhook_id for callback in receiver.callbacks)
    writes = ledger.writes
    return {
        "kills": {**dict(sorted(toll.kills.items())), "all": toll.kills.total()},
        "victims that did not appear (another was killed)": dict(toll.missed),
        "left claimed and not launched by a dispatcher": toll.left_launching,
        "left committed and not published by a door": toll.left_unpublished,
        "leases ended under a living run": toll.leases_ended,
        "writes": {
            "asked": len(writes),
            "acknowledged": sum(write.told is not None for write in writes),
            "by kind": ledger.counts(),
            "repeated by the client": sum(write.tries > 1 for write in writes),
            "requests": sum(write.tries for write in writes),
            "answers that asked for another try": dict(ledger.refusals),
        },
        "tasks": dict(tasks),
        "attempts": {row["status"]: row["n"] for row in attempts},
        "callbacks": {
            "events": len(ids),
            "received": ids.total(),
            "received again under the same id": ids.total() - len(ids),
        },
        "stale acknowledgements refused": stack.refused(),
    }


def play(project: Tenant, receiver: Receiver) -> None:
    """Make two agents quick, and have callbacks sent; `local` works on a worker only."""
    for agent in ("codex", "memory_keeper", "local"):
        project.play(agent, QUICK, max_concurrent=5)
    project.client.post("/v1/endpoints", {"url": receiver.url()})


@pytest.mark.kill
@pytest.mark.timeout(2400)
@pytest.mark.req("T2", "T3", "T7", "T8", "W1", "W4", "S9", "N1", "N3")
# reason: one storm, told in order
def test_kill_minus_nine_of_anything_loses_nothing_and_repeats_no_effect(
    stack: StormStack, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = KillSettings.from_env()
    started = time.monotonic()
    with (
        tenant(stack) as project,
        tenant(stack) as neighbour,
        running_receiver() as receiver,
        running_receiver() as next_door,
        Worker(stack.url, project.key, tmp_path / "worker", *WORKER) as worker,
    ):
        play(project, receiver)
        play(neighbour, next_door)
        agents = {**QUICK_AGENTS, "local": 5}
        workload = Workload(
            project, receiver, seed=settings.seed, people=3, open_tasks=7, agents=agents
        )
        beside = Workload(neighbour, next_door, seed=settings.seed + 1, people=1, open_tasks=3)
        rng = random.Random(f"{settings.seed}/github")
        github = Github(stack.url, stack.github_secret, workload.ledger, rng)
        workload.beside(github.step, rng)
        points = KillPoints(stack.dsn, StackProcesses(stack))
        with Schedule(stack) as schedule, points, CapWatch(stack.dsn) as watch:
            nemesis = Nemesis(stack, points, worker, seed=settings.seed)
            workload.start()
            beside.start()
            toll = nemesis.rage(seed=settings.seed, kills=settings.kills)
            workload.finish()
            beside.finish()
            storm_s = time.monotonic() - started
            drained_s = drain(project)
        findings = Checker(project, workload.ledger, receiver).check()
        check_deliveries(replace(project, project_id=PROJECT), workload.ledger, findings)
        findings_beside = Checker(neighbour, beside.ledger, next_door).check()
        report: dict[str, Any] = {
            "seed": settings.seed,
            **counters(project, stack, workload.ledger, receiver, toll),
            "carried out by the worker": runs_of_workers(project),
            "deliveries sent again": workload.ledger.replays,
            "queues purged": toll.purges,
            "sessions deleted and made again": workload.ledger.gardens + beside.ledger.gardens,
            "looks at the caps": watch.looks,
            "caps exceeded": watch.exceeded,
            "neighbour": {
                "writes": beside.ledger.counts(),
                "found": found(findings_beside, beside),
            },
            "swept from the outbox": schedule.swept,
            "down_s": [round(seconds, 1) for seconds in stack.down_s],
            "storm_s": round(storm_s, 1),
            "drain_s": round(drained_s, 1),
            "found": found(findings, workload),
        }
    with capfd.disabled():
        publish(report)

    assert (report["found"], report["neighbour"]["found"], watch.exceeded) == ({}, {}, [])
    assert report["tasks"]["completed"] == report["tasks"]["tasks"]
    assert toll.kills.total() == settings.kills


def publish(report: dict[str, Any]) -> None:
    """The counters are the result."""
    text = json.dumps(report, indent=1, ensure_ascii=False)
    (SOURCE_ROOT / ".local").mkdir(exist_ok=True)
    (SOURCE_ROOT / ".local/kill-report.json").write_text(text)
    sys.stdout.write(f"\n{text}\n")


def found(findings: Findings, workload: Workload) -> dict[str, list[str]]:
    """What must be empty."""
    unexpected = workload.ledger.unexpected
    return {**findings.all(), **({"clients": unexpected} if unexpected else {})}


def runs_of_workers(project: Tenant) -> dict[str, int]:
    """Attempts that a worker had, by agent."""
    counted = project.sql(
        "SELECT agent_name, count(*) AS n FROM task_attempts"
        " WHERE project_id = %(project_id)s AND worker_id = %(name)s GROUP BY agent_name",
        name=WORKER[-1],
    )
    return {row["agent_name"]: row["n"] for row in counted}
