"""What agents on a model add to the Runs API: follow-ups, checkpoints, usage, repositories."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from aiwebhook.domain.attempt import STALE, UNSTARTED_ERROR
from tests.support.session_api import ApiDriver, ApiReply, Json, Run

CODE = {"text": "Done.", "turns": 1}


def any_usage(**changes: object) -> Json:
    return {"provider": "openai", "requests": 1, "input_tokens": 1000, "cost_usd": 0.01, **changes}


def codex(driver: ApiDriver, **fields: Any) -> Run:
    """A running task of an agent on a model."""
    driver.task(agent_name="codex", **fields)
    return driver.claim("codex")


def lost(driver: ApiDriver, run: Run) -> None:
    """As if the run had fallen silent, and the reaper had come by."""
    store: Any = driver.api.runs  # the same store serves the reaper
    with store._database.connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tasks SET lease_until = now() - interval '1 second'"
            " WHERE project_id = %s AND task_id = %s",
            (driver.project_id, run.input["task_id"]),
        )
    store.release_stale_tasks(STALE, unstarted=UNSTARTED_ERROR, randoms=[0.0])


def reply(driver: ApiDriver, run: Run, message: str | Json) -> ApiReply:
    return driver.post(f"/v1/tasks/{run.input['task_id']}/reply", {"message": message})


@pytest.mark.req("T1", "T4")
def test_the_run_gets_repository_budget_and_attempt(driver: ApiDriver) -> None:
    first = codex(driver, repo="octo/hello", ref="main", pr="draft", max_cost_usd=2.5)
    assert first.input["repository"] == {"repo": "octo/hello", "ref": "main", "pr": "draft"}
    assert (first.input["max_cost_usd"], first.input["attempt"]) == (2.5, 1)
    assert first.input["checkpoint"] is None
    task = driver.get(f"/v1/tasks/{first.input['task_id']}").data
    assert (task["repository"]["repo"], task["max_cost_usd"]) == ("octo/hello", 2.5)
    plain = codex(driver)
    assert (plain.input["repository"], plain.input["max_cost_usd"]) == (None, None)


@pytest.mark.req("T1")
def test_a_run_works_on_every_follow_up_before_it_completes(driver: ApiDriver) -> None:
    run = codex(driver)
    rung = len(driver.outside.waker.woken)
    reply(driver, run, "Use Postgres.")
    reply(driver, run, {"choice": "b"})

    messages = run.get("messages").body["messages"]
    early = run.post("complete", {"output": CODE, "messages_seen": messages[0]["message_no"]})
    rest = run.get(f"messages?after={messages[0]['message_no']}").body["messages"]
    done = run.post("complete", {"output": CODE, "messages_seen": rest[-1]["message_no"]})
    late = reply(driver, run, "One more thing.")

    assert [m["message"] for m in messages] == ["Use Postgres.", {"choice": "b"}]
    assert messages[0]["created_at"].endswith("Z")
    assert (early.status, early.body["code"]) == (409, "messages_waiting")
    assert [m["message"] for m in rest] == [{"choice": "b"}]
    assert done.body == {"status": "completed"}
    assert (late.status, late.body["code"]) == (409, "task_ended")
    assert "new task" in late.body["remedy"]
    assert (
        len(driver.outside.waker.woken) == rung
    )  # neither messages nor an end after which nothing waits


@pytest.mark.req("T1")
def test_a_reply_to_a_failed_task_says_to_retry_it(driver: ApiDriver) -> None:
    run = codex(driver)
    run.post("fail", {"error_class": "auth", "message": "no key"})

    told = reply(driver, run, "Try the other key.")

    assert (told.status, told.body["code"]) == (409, "task_ended")
    assert "retry_task" in told.body["remedy"]


@pytest.mark.req("T4")
def test_the_next_attempt_goes_on_from_the_checkpoint_of_a_lost_one(driver: ApiDriver) -> None:
    run = codex(driver)
    archive = b"work in progress"
    digest = hashlib.sha256(archive).hexdigest()
    body = {"data": {"turn": 2}, "content_sha256": digest, "size": len(archive)}
    asked = {"sha256": digest, "size": len(archive), "purpose": "checkpoint"}
    upload = run.post("uploads", asked).body
    unknown = run.post("checkpoint", body)
    driver.outside.checkpoints.accept_upload(project_id=driver.project_id, content=archive)
    wrong = run.post("checkpoint", {**body, "size": 1})
    assert run.post("checkpoint", body).body == {}
    lost(driver, run)

    second = driver.claim("codex")
    stale = run.post("checkpoint", {"data": {"turn": 3}})
    second.post("release")
    third = driver.claim("codex")

    assert (unknown.status, unknown.body["errors"][0]["pointer"]) == (422, "/content_sha256")
    assert (wrong.status, wrong.body["errors"][0]["pointer"]) == (422, "/size")
    assert second.input["checkpoint"]["data"] == {"turn": 2}
    assert upload["url"].endswith(f"/checkpoints/{driver.project_id}/{digest}")
    assert second.input["checkpoint"]["url"].startswith(upload["url"])
    assert (stale.status, stale.body["code"]) == (409, "lease_lost")
    assert third.input["checkpoint"] == second.input["checkpoint"]
    assert (second.input["attempt"], third.input["attempt"]) == (2, 2)


@pytest.mark.req("T4")
def test_a_task_that_has_ended_leaves_no_checkpoint(driver: ApiDriver) -> None:
    run = codex(driver)
    run.post("checkpoint", {"data": {"turn": 1}})
    run.post("fail", {"error_class": "budget", "message": "spent"})

    driver.post(f"/v1/tasks/{run.input['task_id']}/retry")

    assert driver.claim("codex").input["checkpoint"] is None


@pytest.mark.req("T4")
def test_a_checkpoint_is_small_beside_its_archive(driver: ApiDriver) -> None:
    told = codex(driver).post("checkpoint", {"data": {"notes": "x" * 17_000}})

    assert (told.status, told.body["errors"][0]["pointer"]) == (422, "/data")


@pytest.mark.req("T4")
def test_usage_of_every_attempt_is_kept_and_added_up(driver: ApiDriver) -> None:
    session_id = driver.session()
    run = codex(driver, session_id=session_id)
    task_id = run.input["task_id"]
    events = [{"type": "usage", "data": any_usage()}]
    assert run.post("events", {"events": events, "usage": any_usage()}).status == 200
    half_way = driver.get(f"/v1/tasks/{task_id}").data
    lost(driver, run)
    second = driver.claim("codex")
    second.post("events", {"events": [], "usage": any_usage(cost_usd=0.02)})
    second.post("complete", {"output": CODE, "usage": any_usage(requests=3, cost_usd=0.1)})
    driver.task(session_id, agent_name="codex")
    failed = driver.claim("codex")
    failed.post("fail", {"error_class": "auth", "message": "no key", "usage": any_usage()})

    task = driver.get(f"/v1/tasks/{task_id}").data
    summary = driver.get(f"/v1/sessions/{session_id}").data
    listed = driver.get(f"/v1/tasks?session_id={session_id}").data["tasks"]

    assert half_way["usage"]["cost_usd"] == 0.01
    assert (task["usage"]["requests"], task["usage"]["cost_usd"]) == (4, 0.11)
    assert [r["status"] for r in task["runs"]] == ["lost", "completed"]
    assert task["runs"][0]["error_class"] == "lost"
    assert [r["usage"]["cost_usd"] for r in task["runs"]] == [0.01, 0.1]
    assert task["runs"][1]["finished_at"].endswith("Z")
    assert (summary["usage"]["requests"], summary["usage"]["cost_usd"]) == (5, 0.12)
    assert not {"usage", "runs"} & set(listed[0])


@pytest.mark.req("T4")
def test_events_need_lines_or_usage(driver: ApiDriver) -> None:
    assert codex(driver).post("events", {"events": []}).status == 422


@pytest.mark.req("T5")
def test_an_output_that_the_manifest_does_not_promise_fails_and_is_kept(driver: ApiDriver) -> None:
    task_id = driver.task(max_attempts=1)
    run = driver.claim()
    wrong = {"output": {"question": "Copper?"}, "memories": [{"type": "fact", "content": "x"}]}

    ended = run.post("complete", wrong)
    again = run.post("complete", wrong)

    assert ended.body == again.body == {"status": "failed"}
    task = driver.get(f"/v1/tasks/{task_id}").data
    assert (task["status"], task["error"]["error_class"]) == ("failed", "bad_output")
    assert "/output/findings is required" in task["error"]["message"]
    assert task["output"] == {"question": "Copper?"}
    assert task["notes"][0]["pointer"] == "/memories"


@pytest.mark.req("T6")
def test_a_refused_output_waits_for_a_follow_up_that_the_run_has_not_seen(
    driver: ApiDriver,
) -> None:
    task_id = driver.task()
    run = driver.claim()
    driver.post(f"/v1/tasks/{task_id}/reply", {"message": "Also tin."})

    told = run.post("complete", {"output": {}, "messages_seen": 0})

    assert (told.status, told.body["code"]) == (409, "messages_waiting")


@pytest.mark.req("T7")
@pytest.mark.parametrize(
    ("method", "action", "body"),
    [("GET", "messages", None), ("POST", "checkpoint", {"data": {}})],
)
def test_a_lost_run_reads_no_messages_and_leaves_no_checkpoint(
    driver: ApiDriver, method: str, action: str, body: Json | None
) -> None:
    run = codex(driver)
    run.post("release")
    path = f"/v1/runs/{run.input['task_id']}/{action}"

    told = driver.call(method, path, body, token=run.input["lease_token"])

    assert (told.status, told.body["code"]) == (409, "lease_lost")
