"""Every end of a task is told by its cause, wherever the task is seen; and what is learnt
of its agent."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest

from aiwebhook.domain.attempt import OVERDUE_ERROR, STALE, UNSTARTED_ERROR
from aiwebhook.domain.say_ending import say_of_end
from aiwebhook.postgres.queue_store import PostgresQueueStore
from tests.support.session_api import BRIEF, ApiDriver

INSTALL: dict[str, Any] = {
    "error_class": "not_installed",
    "message": "The agent's program is not installed here.",
    "remedy": "Run `make agents`.",
}
NOT_INSTALLED = "The researcher's program is not installed here. Install it there, then try again."


def agent_of(driver: ApiDriver, name: str = "researcher") -> dict[str, Any]:
    items = driver.get("/v1/agents").body["items"]
    return next(item for item in items if item["agent_name"] == name)


def change(driver: ApiDriver, statement: LiteralString, task_id: str) -> None:
    """Move time, or make a row as an earlier version left it."""
    with psycopg.connect(driver.dsn) as connection:
        connection.execute(statement, (task_id,))


def say_everywhere(driver: ApiDriver, session_id: str, task_id: str) -> str:
    """The one sentence or two of an ended task; the same at every door."""
    read = driver.get(f"/v1/tasks/{task_id}").body
    [listed] = driver.get(f"/v1/tasks?session_id={session_id}").data["tasks"]
    events = driver.get(f"/v1/sessions/{session_id}/events?limit=100").body["items"]
    ends = ("task.completed", "task.failed", "task.cancelled")
    [ended] = [event for event in events if event["type"] in ends]
    published = [e for e in driver.outside.publisher.published if e.task_id == task_id]
    said = {
        read["say"],
        read["data"]["say"],
        listed["say"],
        ended["data"]["say"],
        *(e.data["say"] for e in published if e.type in ends),
    }
    assert len(said) == 1, said
    return said.pop()


@pytest.mark.req("N5", "T6")
def test_a_failure_is_explained_by_its_cause_at_every_door(driver: ApiDriver) -> None:
    session_id = driver.session()
    task_id = driver.task(session_id)
    driver.claim().post("fail", INSTALL)

    assert say_everywhere(driver, session_id, task_id) == NOT_INSTALLED
    error = driver.get(f"/v1/tasks/{task_id}").data["error"]
    assert error == {**INSTALL, "retryable": False}, "nothing that only the statement needs is kept"


@pytest.mark.req("N5")
def test_a_result_without_words_is_reported_as_finished(driver: ApiDriver) -> None:
    session_id = driver.session()
    task_id = driver.task(session_id)
    driver.claim().post("complete", {"output": BRIEF})
    said = say_everywhere(driver, session_id, task_id)
    assert said == say_of_end("completed", agent="the researcher")


@pytest.mark.req("N5")
@pytest.mark.parametrize("running", [False, True])
def test_a_cancelled_task_says_so(driver: ApiDriver, *, running: bool) -> None:
    session_id = driver.session()
    task_id = driver.task(session_id)
    run = driver.claim() if running else None
    driver.post(f"/v1/tasks/{task_id}/cancel")
    if run is not None:
        run.post("fail", {"error_class": "cancelled", "message": "Stopped."})
    assert say_everywhere(driver, session_id, task_id) == "The task was cancelled."


@pytest.mark.req("N5", "T7")
def test_a_task_past_its_deadline_and_one_that_was_lost_say_why(driver: ApiDriver) -> None:
    late, lost = driver.session(), driver.session()
    late_id = driver.task(late, deadline="2999-01-01T00:00:00Z")
    change(driver, "UPDATE tasks SET deadline = now() WHERE task_id = %s", late_id)
    reaper = driver.api.runs
    assert isinstance(reaper, PostgresQueueStore)
    reaper.fail_overdue_tasks(OVERDUE_ERROR, limit=10)
    lost_id = driver.task(lost, max_attempts=1)
    driver.claim()
    run_out = "UPDATE tasks SET lease_until = now() - interval '1 s' WHERE task_id = %s"
    change(driver, run_out, lost_id)
    reaper.release_stale_tasks(STALE, unstarted=UNSTARTED_ERROR, randoms=[0.5])

    assert say_everywhere(driver, late, late_id) == (
        "The deadline passed before the task was done. Give it more time, or split the task."
    )
    assert say_everywhere(driver, lost, lost_id) == (
        "The researcher stopped sending signs of life before it was done. Try again."
    )


@pytest.mark.req("N5", "T1")
def test_a_task_whose_dependency_failed_says_so_without_an_id(driver: ApiDriver) -> None:
    first_session, session_id = driver.session(), driver.session()
    first = driver.task(first_session)
    task_id = driver.task(session_id, depends_on=[first])
    driver.claim().post("fail", {**INSTALL, "error_class": "refused"})
    said = say_everywhere(driver, session_id, task_id)
    assert said.startswith("A task that this one waited for did not complete.")
    assert first in driver.get(f"/v1/tasks/{task_id}").data["error"]["message"]


@pytest.mark.req("N5")
def test_results_from_before_there_were_sayings_are_told_all_the_same(driver: ApiDriver) -> None:
    session_id = driver.session()
    task_id = driver.task(session_id)
    driver.claim().post("fail", INSTALL)
    change(driver, "UPDATE task_results SET say = NULL WHERE task_id = %s", task_id)
    assert driver.get(f"/v1/tasks/{task_id}").data["say"] == NOT_INSTALLED
    [listed] = driver.get(f"/v1/tasks?session_id={session_id}").data["tasks"]
    assert listed["say"] == NOT_INSTALLED


@pytest.mark.req("T9")
def test_what_keeps_every_task_from_starting_becomes_the_agents_status(driver: ApiDriver) -> None:
    driver.task()
    driver.claim().post("fail", INSTALL)
    found = agent_of(driver)
    reason = "The researcher's program is not installed here."
    assert (found["status"], found["status_reason"]) == ("error", reason)

    driver.api.runs.mark_agents(project_id=None)
    told = driver.post(
        "/v1/tasks",
        {"session_id": driver.session(), "agent_name": "researcher", "description": "Again"},
    ).body
    assert told["say"] == f"{reason} I gave the researcher the task all the same."
    assert told["data"]["queue"]["warning"] == reason

    run = driver.claim(worker_id="worker-1")
    assert agent_of(driver)["status"] == "error", "the claim alone shows nothing"
    run.post("events", {"events": [{"type": "usage", "data": {}}]})
    assert agent_of(driver)["status"] == "error"
    run.post("events", {"events": [{"type": "progress", "data": {"message": "Reading"}}]})
    found = agent_of(driver)
    assert (found["status"], found["status_reason"]) == ("available", None)


@pytest.mark.req("T9")
@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("complete", {"output": BRIEF}, "available"),
        ("fail", {"error_class": "timeout", "message": "Too slow."}, "available"),
        ("fail", {"error_class": "auth", "message": "Bad key."}, "available"),
        ("fail", {"error_class": "launch", "message": "No clone."}, "error"),
        ("fail", {"error_class": "no_key", "message": "No key."}, "error"),
        ("release", {}, "error"),
    ],
)
def test_the_next_run_that_shows_a_start_clears_it(
    driver: ApiDriver, action: str, body: dict[str, Any], status: str
) -> None:
    driver.task()
    run = driver.claim()
    report = {"agent_name": "researcher", "error_class": "no_image"}
    assert driver.post("/v1/agents/reports", {"reports": [report]}).body == {"changed": 1}
    assert run.post(action, body).status == 200
    assert agent_of(driver)["status"] == status


@pytest.mark.req("T9")
def test_a_host_of_agents_reports_which_cannot_start(driver: ApiDriver) -> None:
    stranger = driver.other_project()
    reports = [
        {
            "agent_name": "claude_code",
            "error_class": "not_installed",
            "message": "Claude Code is not installed here.",
        },
        {"agent_name": "codex", "error_class": "no_key"},
        {"agent_name": "researcher", "error_class": None},
        {"agent_name": "nobody", "error_class": "no_key"},
    ]
    for changed in (2, 0):
        assert driver.post("/v1/agents/reports", {"reports": reports}).body == {"changed": changed}
    found = {name: agent_of(driver, name) for name in ("claude_code", "codex", "researcher")}
    assert {n: (a["status"], a["status_reason"]) for n, a in found.items()} == {
        "claude_code": ("error", "Claude Code is not installed here."),
        "codex": ("error", "Codex has no key for its provider."),
        "researcher": ("available", None),
    }
    assert agent_of(stranger, "codex")["status"] == "available"

    driver.post("/v1/agents/reports", {"reports": [{"agent_name": "codex"}]})
    assert agent_of(driver, "codex")["status"] == "available"


@pytest.mark.req("T9", "T8")
def test_a_worker_that_comes_shows_that_its_agents_can_start(driver: ApiDriver) -> None:
    report = {"agent_name": "codex", "error_class": "no_key"}
    driver.post("/v1/agents/reports", {"reports": [report]})
    claim = {"worker_id": "laptop", "agents": ["codex"]}
    assert driver.post("/v1/runs/claim", claim).status == 204
    assert agent_of(driver, "codex")["status"] == "available"
