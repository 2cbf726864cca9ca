"""Real workers in front of the real session_api on real Postgres."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from aiwebhook.commands.base import CommandRequest
from aiwebhook.commands.run_task_command import TaskCommandAnswer, run_task_command
from aiwebhook.domain.attempt import STALE, UNSTARTED_ERROR
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.postgres.queue_store import PostgresQueueStore
from tests.support.agents_user import agents_python, make_open
from tests.support.commands import open_database
from tests.support.http_front import HttpFront
from tests.support.session_api import ApiDriver, Outside, session_api_handler
from tests.support.task_command import GIT_STATUS
from tests.support.tenant import rows
from tests.worker.conftest import WorkerProcess, is_alive

pytestmark = pytest.mark.req("T7", "T8")

Until = Callable[[Callable[[], bool]], None]
BLOCKING = """
import json, os, pathlib, sys, time
task = json.load(sys.stdin)
scratch = pathlib.Path({scratch!r})
(scratch / (task["task_id"] + ".tmp")).write_text(str(os.getpid()))
(scratch / (task["task_id"] + ".tmp")).rename(scratch / task["task_id"])
while not (scratch / "go").exists(): time.sleep(0.02)
print(json.dumps({{"type": "result", "output": {{"pid": os.getpid()}}}}))
"""


class Deployment:
    """session_api over HTTP, and workers with a key of their own scope."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn = dsn
        self.driver = ApiDriver(dsn)
        self._outside = Outside(blobs=self.driver.outside.blobs)
        self.front = HttpFront(session_api=lambda: session_api_handler(dsn, self._outside))
        self.folder = folder
        self._workers: list[WorkerProcess] = []

    def worker(self, *arguments: str) -> WorkerProcess:
        key = self.driver.make_key(Scope.WORKER)
        worker = WorkerProcess(self.front.url, self.folder, *arguments, AIWEBHOOK_API_KEY=key)
        self._workers.append(worker)
        worker.wait_for("connected")
        return worker

    def task(self, task_id: str) -> dict[str, Any]:
        return self.driver.get(f"/v1/tasks/{task_id}?wait=20").data

    def sql(self, query: str, **params: Any) -> list[dict[str, Any]]:
        return rows(self.dsn, query, project_id=self.driver.project_id, **params)

    def lease_runs_out(self) -> None:
        """A minute later: the reaper has ended the leases nobody extended."""
        self.sql("UPDATE tasks SET lease_until = now() - interval '1 s' WHERE status = 'running'")
        database = open_database(self.dsn)
        store = PostgresQueueStore(database)
        store.release_stale_tasks(STALE, unstarted=UNSTARTED_ERROR, randoms=[0.0] * 10)
        database.close()

    def close(self) -> None:
        for worker in self._workers:
            worker.close()
        self.driver.outside.close()
        self._outside.close()


@pytest.fixture
def deployment(database: str, open_folder: Path) -> Iterator[Deployment]:
    deployment = Deployment(database, open_folder)
    with deployment.front:
        yield deployment
        deployment.close()


def asked(deployment: Deployment, *argv: str) -> TaskCommandAnswer:
    """The answer to a `task_command` that waits."""
    data = {**GIT_STATUS["data"], "task_id": argv[-1]}
    data["params"] = {"command": list(argv), "working_dir": "."}
    request = CommandRequest(
        caller=Caller(
            project_id=deployment.driver.project_id,
            key_id="key_any",
            scopes=frozenset({Scope.ADMIN}),
        ),
        command="task_command",
        session_id=None,
        data={**GIT_STATUS, "data": data},
        request_id="req_any",
        correlation_id="req_any",
    )
    return run_task_command(deployment.driver.api.commands, request)


@pytest.mark.req("W3")
def test_a_sync_task_command_is_answered_by_a_connected_worker(
    deployment: Deployment, until: Until
) -> None:
    repository = deployment.folder / "repo"
    (repository / ".git").mkdir(parents=True)
    config = deployment.folder / "worker.toml"
    config.write_text(
        f'[local]\nactions = ["git"]\ndirectories = ["{repository}"]\n'
        '[[local.allow]]\naction = "git"\npattern = "git (status|version)"\n'
    )
    deployment.worker("--agents", "local", "--config", str(config), "--name", "laptop")
    # It says that it is connected before its first claim, which is what makes it known.
    until(
        lambda: bool(
            deployment.sql("SELECT worker_id FROM workers WHERE project_id = %(project_id)s")
        )
    )
    began = time.monotonic()
    answer = asked(deployment, "git", "version")
    print(f"answered after {time.monotonic() - began:.2f} s")  # noqa: T201 - a figure for the report

    assert answer.body["status"] == "completed", answer.body
    output = answer.body["output"]
    assert (output["success"], output["returncode"], output["stderr"]) == (True, 0, "")
    assert output["stdout"].startswith("git version")
    (worker,) = deployment.driver.get("/v1/workers").body["items"]
    assert (worker["worker_id"], worker["agents"]) == ("laptop", ["local"])


def test_tasks_of_a_killed_worker_run_again_elsewhere_with_one_result_each(
    deployment: Deployment, until: Until
) -> None:
    scratch = make_open(deployment.folder / "scratch")
    source = BLOCKING.format(scratch=str(scratch))
    manifest = {"kind": "command", "command": [agents_python(), "-c", source], "entrypoint": None}
    deployment.sql(
        "UPDATE agents SET max_concurrent = 10,"
        " manifest = jsonb_strip_nulls(manifest || %(manifest)s) - 'output_schema'"
        " WHERE project_id = %(project_id)s AND agent_name = 'memory_keeper'",
        manifest=Jsonb(manifest),
    )
    tasks = [deployment.driver.task(agent_name="memory_keeper") for _ in range(3)]
    agents = ("--agents", "memory_keeper", "--concurrency", "3")

    first = deployment.worker(*agents, "--name", "first")
    until(lambda: all((scratch / task_id).exists() for task_id in tasks))
    pids = [int((scratch / task_id).read_text()) for task_id in tasks]
    first.signal(signal.SIGKILL)
    until(lambda: not any(is_alive(pid) for pid in pids))
    deployment.lease_runs_out()
    (scratch / "go").touch()
    deployment.worker(*agents, "--name", "second")
    ended = [deployment.task(task_id) for task_id in tasks]

    assert [task["status"] for task in ended] == ["completed"] * 3
    assert not {task["output"]["pid"] for task in ended} & set(pids)
    counted = deployment.sql(
        "SELECT task_id, count(*) AS n FROM events"
        " WHERE project_id = %(project_id)s AND type = 'task.completed' GROUP BY task_id"
    )
    assert {row["task_id"]: row["n"] for row in counted} == dict.fromkeys(tasks, 1)


def test_a_cancelled_task_is_ended_and_a_draining_worker_hands_back(
    deployment: Deployment, until: Until
) -> None:
    scratch = make_open(deployment.folder / "scratch")
    blocks(deployment, scratch)
    cancelled, kept = (deployment.driver.task(agent_name="memory_keeper") for _ in range(2))
    worker = deployment.worker("--agents", "memory_keeper", "--concurrency", "2", "--drain-s", "0")
    until(lambda: all((scratch / task_id).exists() for task_id in (cancelled, kept)))

    deployment.driver.post(f"/v1/tasks/{cancelled}/cancel")
    assert deployment.task(cancelled)["status"] == "cancelled"
    worker.signal(signal.SIGTERM)

    assert worker.exit_code() == 0, worker.errors
    waiting = deployment.driver.get(f"/v1/tasks/{kept}").data
    assert waiting["status"] == "pending"


@pytest.mark.req("T9")
def test_an_idle_worker_leaves_while_its_claim_is_held(
    deployment: Deployment, until: Until
) -> None:
    worker = deployment.worker("--agents", "local", "--name", "laptop")
    until(lambda: held_claims(deployment) == 1)

    began = time.monotonic()
    worker.signal(signal.SIGTERM)
    code = worker.exit_code()
    took_s = time.monotonic() - began
    print(f"left after {took_s:.2f} s")  # noqa: T201 - a figure for the report

    assert code == 0, worker.errors
    assert took_s < 2, "the claim was held for 10 s"
    (known,) = deployment.driver.get("/v1/workers").body["items"]
    assert (known["worker_id"], known["status"]) == ("laptop", "offline")
    answer = asked(deployment, "git", "status")
    assert answer.body["say"] == "It starts as soon as a worker is connected."


def test_what_a_leaving_worker_hands_back_goes_to_another(
    deployment: Deployment, until: Until
) -> None:
    """It has room for one more, so it has a claim under way when it hands its task back."""
    scratch = make_open(deployment.folder / "scratch")
    blocks(deployment, scratch)
    kept = deployment.driver.task(agent_name="memory_keeper")
    agents = ("--agents", "memory_keeper", "--concurrency", "2")
    first = deployment.worker(*agents, "--drain-s", "0", "--name", "first")
    until(lambda: (scratch / kept).exists() and held_claims(deployment) == 1)
    second = deployment.worker(*agents, "--name", "second")
    until(lambda: held_claims(deployment) == 2)

    first.signal(signal.SIGTERM)

    assert first.exit_code() == 0, first.errors
    second.wait_for("started", task_id=kept)
    (scratch / "go").touch()
    assert deployment.task(kept)["status"] == "completed"
    started = deployment.sql(
        "SELECT worker_id FROM task_attempts WHERE project_id = %(project_id)s ORDER BY lease_epoch"
    )
    assert [row["worker_id"] for row in started] == ["first", "second"]


def held_claims(deployment: Deployment) -> int:
    (row,) = deployment.sql("SELECT count(*) AS n FROM granted_waits WHERE expires_at > now()")
    return row["n"]


def blocks(deployment: Deployment, scratch: Path) -> None:
    """From now on runs of the memory keeper wait until somebody makes the file `go`."""
    source = BLOCKING.format(scratch=str(scratch))
    manifest = {"kind": "command", "command": [agents_python(), "-c", source], "entrypoint": None}
    deployment.sql(
        "UPDATE agents SET manifest = jsonb_strip_nulls(manifest || %(manifest)s) - 'output_schema'"
        " WHERE project_id = %(project_id)s AND agent_name = 'memory_keeper'",
        manifest=Jsonb(manifest),
    )
