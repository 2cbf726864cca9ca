"""A worker says that it leaves: it is offline at once, and its last claims get nothing."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from aiwebhook.commands.base import CommandRequest
from aiwebhook.commands.run_task_command import run_task_command
from aiwebhook.domain.identity import Caller, Scope
from tests.support.session_api import ApiDriver, ApiReply, Json
from tests.support.task_command import GIT_STATUS
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("T8")


def leave(driver: ApiDriver, *tokens: str, worker_id: str = "worker-1") -> ApiReply:
    body = {"worker_id": worker_id, "leases": list(tokens), "leaving": True}
    told = driver.post("/v1/runs/heartbeats", body)
    assert told.status == 200, told.text
    return told


def claim(
    driver: ApiDriver, agent: str = "researcher", *, worker_id: str = "worker-1", wait_s: float = 0
) -> ApiReply:
    body = {"worker_id": worker_id, "agents": [agent], "room": {agent: 1}, "wait_s": wait_s}
    return driver.post("/v1/runs/claim", body)


def workers(driver: ApiDriver) -> dict[str, str]:
    return {w["worker_id"]: w["status"] for w in driver.get("/v1/workers").body["items"]}


def agent(driver: ApiDriver, name: str) -> Json:
    agents = {a["agent_name"]: a for a in driver.get("/v1/agents").body["items"]}
    return agents[name]


@contextmanager
def held_claim(driver: ApiDriver) -> Generator[Future[ApiReply]]:
    """A claim of worker-1 that another function holds for 20 s."""
    other = ApiDriver(driver.dsn, project_id=driver.project_id, outside=driver.outside)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(claim, other, wait_s=20)
        eventually(lambda: held.done() or driver.sql("SELECT wait_id FROM granted_waits"))
        assert not held.done()
        yield held


@pytest.mark.req("T9")
def test_a_worker_that_leaves_is_offline_at_once_and_so_is_its_agent(driver: ApiDriver) -> None:
    claim(driver, "local")
    before = (workers(driver), agent(driver, "local")["status"])

    leave(driver)

    local = agent(driver, "local")
    assert before == ({"worker-1": "available"}, "available")
    assert workers(driver) == {"worker-1": "offline"}
    assert (local["status"], local["workers"]) == ("offline", 0)
    events = [e["type"] for e in driver.get("/v1/events").body["items"]]
    assert [e for e in events if e.startswith("agent.")] == ["agent.online", "agent.offline"]


@pytest.mark.req("W3")
def test_a_sync_command_after_the_last_worker_left_does_not_wait(driver: ApiDriver) -> None:
    claim(driver, "local")
    leave(driver)
    caller = Caller(project_id=driver.project_id, key_id="key_any", scopes=frozenset({Scope.ADMIN}))
    request = CommandRequest(
        caller=caller,
        command="task_command",
        session_id=None,
        data=GIT_STATUS,
        request_id="req_any",
        correlation_id="req_any",
    )

    with driver.counting() as statements:
        answer = run_task_command(driver.api.commands, request)

    assert answer.body["status"] == "pending"
    assert answer.body["say"] == "It starts as soon as a worker is connected."
    assert "grant_wait" not in statements


def test_a_claim_that_is_held_ends_and_the_next_task_goes_elsewhere(driver: ApiDriver) -> None:
    with held_claim(driver) as held:
        leave(driver)
        ended = held.result(timeout=10)
    driver.task()

    assert ended.status == 204
    assert claim(driver, worker_id="worker-2").status == 200


def test_a_claim_from_before_gets_nothing_when_the_worker_is_back(driver: ApiDriver) -> None:
    with held_claim(driver) as held:
        leave(driver)
        back = claim(driver)
        online = workers(driver)
        task_id = driver.task()
        ended = held.result(timeout=10)

    assert (back.status, online, ended.status) == (204, {"worker-1": "available"}, 204)
    assert claim(driver).body["task_id"] == task_id


@pytest.mark.req("T9")
def test_heartbeats_of_its_last_runs_do_not_bring_a_worker_back(driver: ApiDriver) -> None:
    driver.task()
    token = driver.claim().input["lease_token"]
    claim(driver, "local")

    left = leave(driver, token)
    beat = driver.post("/v1/runs/heartbeats", {"worker_id": "worker-1", "leases": [token]})
    again = leave(driver)

    assert [reply.body["beats"][0]["lost"] for reply in (left, beat)] == [False, False]
    assert again.body["beats"] == []
    assert workers(driver) == {"worker-1": "offline"}
    assert agent(driver, "local")["status"] == "offline"
    claim(driver, "local")
    assert workers(driver) == {"worker-1": "available"}
    assert agent(driver, "local")["status"] == "available"


@pytest.mark.req("T9")
def test_the_list_shows_only_what_the_worker_tells_about_itself(driver: ApiDriver) -> None:
    body = {"worker_id": "w", "agents": ["local"], "details": {"version": "1.0"}}
    driver.post("/v1/runs/claim", body)
    leave(driver, worker_id="w")
    driver.post("/v1/runs/claim", body)
    (worker,) = driver.get("/v1/workers").body["items"]
    assert worker["details"] == {"version": "1.0"}


def test_a_worker_that_nobody_knows_may_leave(driver: ApiDriver) -> None:
    stranger = driver.other_project()
    claim(stranger)
    assert leave(driver).body == {"beats": []}
    assert workers(stranger) == {"worker-1": "available"}


def test_a_claim_asks_the_database_no_more_often_than_before(driver: ApiDriver) -> None:
    driver.task()
    claim(driver)  # it is known from now on
    driver.task()
    with driver.counting() as statements:
        assert claim(driver).status == 200
    looks = ["touch_worker", "ready_due_tasks", "lock_agent", "claim_tasks", "run_work"]
    assert [name for name in statements if name in {*looks, "leave_worker"}] == looks
