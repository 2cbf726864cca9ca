"""A hundred sessions at once for a minute: no error, nothing lost."""

from __future__ import annotations

import json
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from aiwebhook.client import Client
from aiwebhook_local.stack import SOURCE_ROOT, StackInfo, running_stack
from tests.support.agents import QUICK
from tests.support.tenant import Tenant, tenant, tick
from tests.support.waiting import eventually

SESSIONS = 100
SECONDS = 60.0
WORKERS = 3
SAID = "Ana: We keep plain Postgres. Ben: Agreed, and I will write it down by Friday. " * 20


@dataclass(slots=True, kw_only=True)
class Answers:
    """Statuses and durations; appends of lists are atomic."""

    statuses: list[int] = field(default_factory=list[int])
    seconds: list[float] = field(default_factory=list[float])
    faults: list[str] = field(default_factory=list[str])
    accepted: list[str] = field(default_factory=list[str])


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[StackInfo]:
    with running_stack(home=tmp_path / ".local", port=0) as running:
        yield running


class Person:
    """One session; every request goes out once, and must succeed."""

    def __init__(self, http: httpx.Client, number: int, answers: Answers) -> None:
        self._http = http
        self._session_id = f"load-{number}"
        self._rng = random.Random(number)
        self._answers = answers

    def live(self, until: float) -> None:
        """Post until then."""
        self._post("create_session", {"title": "Load"})
        if self._rng.random() < 0.2:
            self._task("researcher", {"seconds": 0})
        while time.monotonic() < until:
            choice = self._rng.random()
            if choice < 0.5:
                self._post("append_conversation", {"content": SAID})
            elif choice < 0.85:
                self._post("store_memory", {"type": "note", "content": "We keep Postgres."})
            else:
                params = {"command": ["git", "status"]}
                self._task("local", {"action_type": "git", "params": params})

    def _task(self, agent: str, given: dict[str, Any]) -> None:
        self._post("delegate_task", {"agent_name": agent, "description": "x", "input_data": given})

    def _post(self, command: str, data: dict[str, Any]) -> None:
        body = {"command": command, "session_id": self._session_id, "data": data}
        started = time.monotonic()
        try:
            answer = self._http.post("/webhook", json=body)
        except httpx.HTTPError as error:
            self._answers.faults.append(f"{command}: {type(error).__name__}")
            return
        self._answers.seconds.append(time.monotonic() - started)
        self._answers.statuses.append(answer.status_code)
        if answer.status_code == 200:
            self._answers.accepted.append(command)
        else:
            self._answers.faults.append(f"{command}: {answer.status_code} {answer.text[:300]}")


def work(project: Tenant, number: int, over: threading.Event, done: list[str]) -> None:
    """A worker of agent `local`, over HTTP like any other."""
    with Client(project.client.base_url, api_key=project.key) as client:
        while True:
            run = client.claim_run(worker_id=f"worker-{number}", agents=["local"], wait_s=2)
            if run is None:
                if over.is_set():
                    return
                continue
            with run:
                run.complete(output={"success": True}, exit_code=0)
                done.append(str(run.input["task_id"]))


def load(project: Tenant, answers: Answers) -> float:
    """Seconds it took; everybody at once."""
    limits = httpx.Limits(max_connections=SESSIONS, max_keepalive_connections=SESSIONS)
    headers = {"Authorization": f"Bearer {project.key}"}
    started = time.monotonic()
    with (
        httpx.Client(
            base_url=project.client.base_url, headers=headers, limits=limits, timeout=60
        ) as http,
        ThreadPoolExecutor(SESSIONS) as pool,
    ):
        people = [Person(http, number, answers) for number in range(SESSIONS)]
        for future in [pool.submit(person.live, started + SECONDS) for person in people]:
            future.result()
    return time.monotonic() - started


def stored(project: Tenant) -> Counter[str]:
    """Rows by the command that made them."""
    [row] = project.sql(
        "SELECT"
        " (SELECT count(*) FROM sessions WHERE project_id = %(project_id)s) AS create_session,"
        " (SELECT count(*) FROM conversation_chunks WHERE project_id = %(project_id)s)"
        "  AS append_conversation,"
        " (SELECT count(*) FROM memories WHERE project_id = %(project_id)s"
        "  AND key NOT LIKE 'note-task%%') AS store_memory,"
        " (SELECT count(*) FROM tasks WHERE project_id = %(project_id)s) AS delegate_task"
    )
    return Counter(row)


def gaps(project: Tenant) -> list[dict[str, Any]]:
    """Sessions whose event log is not 1, 2, 3 … last_seq."""
    return project.sql(
        "SELECT s.session_id, s.last_seq, count(*) AS n, max(e.seq) AS high"
        " FROM sessions s JOIN events e USING (project_id, session_id)"
        " WHERE s.project_id = %(project_id)s GROUP BY s.session_id, s.last_seq"
        " HAVING NOT (count(*) = s.last_seq AND max(e.seq) = s.last_seq AND min(e.seq) = 1)"
    )


def report_of(answers: Answers, took_s: float, project: Tenant) -> dict[str, Any]:
    cuts = statistics.quantiles(answers.seconds, n=100)
    return {
        "sessions": SESSIONS,
        "seconds": round(took_s, 1),
        "requests": len(answers.statuses),
        "requests per second": round(len(answers.statuses) / took_s, 1),
        "p50_ms": round(cuts[49] * 1000),
        "p99_ms": round(cuts[98] * 1000),
        "statuses": dict(Counter(answers.statuses)),
        "faults": answers.faults[:20],
        "accepted": dict(Counter(answers.accepted)),
        "stored": dict(stored(project)),
    }


@pytest.mark.load
@pytest.mark.timeout(600)
@pytest.mark.req("W2", "S2", "S3", "S9", "T1", "T2", "T8")
def test_a_hundred_sessions_at_once_meet_no_error_and_lose_nothing(
    stack: StackInfo, capfd: pytest.CaptureFixture[str]
) -> None:
    answers, done = Answers(), list[str]()
    over = threading.Event()
    with tenant(stack) as project, ThreadPoolExecutor(WORKERS) as workers:
        project.play("researcher", QUICK)
        working = [workers.submit(work, project, n, over, done) for n in range(WORKERS)]
        try:
            took_s = load(project, answers)
        finally:
            over.set()
        for worker in working:
            worker.result()

        def calm() -> bool:
            tick(stack)
            [left] = project.sql(
                "SELECT (SELECT count(*) FROM tasks WHERE status <> 'completed')"
                " + (SELECT count(*) FROM outbox) AS n"
            )
            return left["n"] == 0

        eventually(calm, within_s=180)
        report = report_of(answers, took_s, project)
        text = json.dumps(report, indent=1, ensure_ascii=False)
        (SOURCE_ROOT / ".local").mkdir(exist_ok=True)
        (SOURCE_ROOT / ".local/load-report.json").write_text(text)
        with capfd.disabled():
            sys.stdout.write(f"\n{text}\n")

        assert answers.faults == []
        assert set(answers.statuses) == {200}
        assert stored(project) == Counter(answers.accepted)
        assert len(done) == len(set(done))
        assert gaps(project) == []
