"""Workers beat for all their runs at once, and tell what they are."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from aiwebhook.domain.identity import Scope
from tests.support.session_api import ApiDriver, Json, Run


def beats(driver: ApiDriver, *tokens: str, worker_id: str = "worker-1") -> list[Json]:
    told = driver.post("/v1/runs/heartbeats", {"worker_id": worker_id, "leases": list(tokens)})
    assert told.status == 200, told.text
    return told.body["beats"]


def token_of(run: Run) -> str:
    return run.input["lease_token"]


@pytest.mark.req("T8")
def test_one_call_beats_for_every_run_and_tells_each_its_own(driver: ApiDriver) -> None:
    driver.task()
    driver.task()
    driver.task()
    lives, stops, gone = (driver.claim() for _ in range(3))
    driver.post(f"/v1/tasks/{stops.input['task_id']}/cancel")
    gone.post("release")
    stranger = driver.other_project()
    stranger.task()
    theirs = stranger.claim()

    told = beats(
        driver, token_of(lives), "no token", token_of(stops), token_of(gone), token_of(theirs)
    )

    assert [b["lost"] for b in told] == [False, True, False, True, True]
    assert [b["cancel"] for b in told] == [False, False, True, False, False]
    assert [b["task_id"] for b in told[:3]] == [
        lives.input["task_id"],
        None,
        stops.input["task_id"],
    ]
    assert told[4]["task_id"] is None
    assert told[0]["lease_until"].endswith("Z")
    assert told[1]["lease_until"] is None


@pytest.mark.req("T8", "O1")
def test_a_task_that_somebody_holds_ends_no_lease_of_the_workers_other_tasks(
    driver: ApiDriver,
) -> None:
    driver.task()
    driver.task()
    held, free = driver.claim(), driver.claim()
    driver.outside.databases[0].connection.execute("SET lock_timeout = '50ms'")
    query = "SELECT task_id FROM tasks WHERE lease_until > %s AND status = 'running'"
    with psycopg.connect(driver.dsn) as somebody:
        before = somebody.execute("SELECT max(lease_until) FROM tasks").fetchall()[0][0]
        somebody.execute("SELECT FROM tasks WHERE task_id = %s FOR UPDATE", [held.input["task_id"]])
        body = {"worker_id": "worker-1", "leases": [token_of(held), token_of(free)]}
        told = driver.post("/v1/runs/heartbeats", body)
        assert (told.status, told.body["code"]) == (503, "database_slow")
        extended = somebody.execute(query, [before]).fetchall()
    assert extended == [(free.input["task_id"],)]
    assert [beat["lost"] for beat in beats(driver, token_of(held), token_of(free))] == [False] * 2


@pytest.mark.req("T4", "T8")
def test_one_call_asks_for_every_run_whether_it_shall_stop(driver: ApiDriver) -> None:
    for _ in range(3):
        driver.task()
    lives, stops, gone = (driver.claim() for _ in range(3))
    driver.post(f"/v1/tasks/{stops.input['task_id']}/cancel")
    gone.post("release")
    stranger = driver.other_project()
    stranger.task()
    theirs = stranger.claim()
    until = leases_until(driver)
    tokens = [token_of(run) for run in (lives, stops, gone, theirs)]

    told = driver.post("/v1/runs/signals", {"leases": [*tokens, "no token"]})

    ours = [run.input["task_id"] for run in (lives, stops, gone)]
    assert told.body["signals"] == [
        {"task_id": ours[0], "cancel": False, "lost": False},
        {"task_id": ours[1], "cancel": True, "lost": False},
        {"task_id": ours[2], "cancel": False, "lost": True},
        {"task_id": None, "cancel": False, "lost": True},
        {"task_id": None, "cancel": False, "lost": True},
    ]
    assert leases_until(driver) == until


def leases_until(driver: ApiDriver) -> list[tuple[Any, ...]]:
    return driver.sql("SELECT task_id, lease_until FROM tasks ORDER BY task_id")


@pytest.mark.req("T8")
@pytest.mark.parametrize("path", ["heartbeats", "signals"])
def test_asking_for_many_needs_the_scope_worker_and_at_most_a_hundred_leases(
    driver: ApiDriver, path: str
) -> None:
    body: Json = {"leases": [], **({"worker_id": "w"} if path == "heartbeats" else {})}

    def status(token: str | None = None, **more: object) -> int:
        key = {} if token is None else {"token": token}
        return driver.post(f"/v1/runs/{path}", {**body, **more}, **key).status

    assert status(driver.make_key(Scope.COMMANDS)) == 403
    assert status(driver.make_key(Scope.WORKER)) == 200
    assert status(leases=["x"] * 101) == 422


@pytest.mark.req("T9")
def test_a_worker_tells_what_it_is_and_how_much_it_does(driver: ApiDriver) -> None:
    driver.task(agent_name="codex")
    body = {
        "worker_id": "laptop",
        "agents": ["claude_code", "codex"],
        "details": {"version": "0.1.0", "host": "laptop", "concurrency": {"codex": 2}},
        "room": {"codex": 2},
    }

    assert driver.post("/v1/runs/claim", body).status == 200

    (worker,) = driver.get("/v1/workers").body["items"]
    assert (worker["version"], worker["running"]) == ("0.1.0", 1)
    assert worker["details"]["concurrency"] == {"codex": 2}
    assert worker["agents"] == ["claude_code", "codex"]


@pytest.mark.req("T8")
@pytest.mark.parametrize("room", [0, {"claude_code": 3}, {"codex": 0}])
def test_a_worker_without_room_gets_nothing_and_is_seen(
    driver: ApiDriver, room: int | dict[str, int]
) -> None:
    driver.task(agent_name="codex")
    body = {"worker_id": "w", "agents": ["codex", "claude_code"], "room": room}

    assert driver.post("/v1/runs/claim", body).status == 204
    assert [w["worker_id"] for w in driver.get("/v1/workers").body["items"]] == ["w"]


@pytest.mark.req("T9")
def test_a_worker_that_asks_agent_by_agent_serves_all_of_them(driver: ApiDriver) -> None:
    def ask(agent: str) -> None:
        driver.post("/v1/runs/claim", {"worker_id": "w", "agents": [agent]})

    for agent in ("local", "codex", "local", "codex"):
        ask(agent)

    (worker,) = driver.get("/v1/workers").body["items"]
    agents = {a["agent_name"]: a for a in driver.get("/v1/agents").body["items"]}
    events = driver.get("/v1/events").body["items"]
    assert worker["agents"] == ["codex", "local"]
    assert (agents["local"]["status"], agents["local"]["workers"]) == ("available", 1)
    assert [e["type"] for e in events if e["type"].startswith("agent.")] == ["agent.online"]


@pytest.mark.req("T9")
def test_a_beat_brings_a_worker_and_its_agents_back(driver: ApiDriver) -> None:
    driver.post("/v1/runs/claim", {"worker_id": "w", "agents": ["local"]})
    store = driver.api.runs
    store.mark_workers_offline(silent_s=-1)
    store.mark_agents(project_id=driver.project_id)
    gone = driver.get("/v1/workers").body["items"][0]["status"]

    assert beats(driver, worker_id="w") == []

    back = driver.get("/v1/workers").body["items"][0]["status"]
    agents = {a["agent_name"]: a["status"] for a in driver.get("/v1/agents").body["items"]}
    assert (gone, back, agents["local"]) == ("offline", "available", "available")


@pytest.mark.req("T5")
def test_agents_tell_what_their_manifests_promise(driver: ApiDriver) -> None:
    agents = {a["agent_name"]: a for a in driver.get("/v1/agents").body["items"]}

    gemini = agents["gemini"]
    assert (gemini["kind"], gemini["aliases"], gemini["status"]) == (
        "gemini",
        ["gemini_cli"],
        "available",
    )
    assert gemini["model"]
    assert (gemini["max_concurrent"], gemini["max_cost_usd"] > 0) == (2, True)
    assert "code" in gemini["capabilities"]
    assert agents["researcher"]["output_schema"]["required"]
    assert agents["researcher"]["runs_on"]
    assert agents["memory_keeper"]["model"] is None
    assert all(isinstance(a["secrets"], list) for a in agents.values())
