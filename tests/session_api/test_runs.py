"""The Runs API, from claim to the terminal write."""

from __future__ import annotations

import hashlib

import psycopg
import pytest

from aiwebhook.domain.identity import Scope
from tests.support.session_api import BRIEF, ApiDriver


@pytest.mark.req("T8")
def test_a_worker_claims_works_and_completes(driver: ApiDriver) -> None:
    session_id = driver.session()
    driver.post(f"/v1/sessions/{session_id}/conversation", {"content": "We decided on copper."})
    task_id = driver.task(session_id, input_data={"topic": "copper"})

    run = driver.claim()

    assert run.input["task_id"] == task_id
    assert run.input["input"] == {"topic": "copper"}
    assert run.input["agent"]["name"] == "researcher"
    context = run.get("context").body
    assert [chunk["content"] for chunk in context["chunks"]] == ["We decided on copper."]
    assert run.post("heartbeat", {"progress": {"percent": 10}}).body["cancel"] is False
    events = {"events": [{"type": "progress", "data": {"message": "half"}}, {"type": "log"}]}
    assert run.post("events", events).body == {"accepted": 2, "cancel": False}
    artifact = {"name": "brief.md", "type": "report", "format": "markdown", "content": "# Copper"}
    artifact_id = run.post("artifacts", artifact).body["artifact_id"]
    assert run.post("artifacts", artifact).body["artifact_id"] == artifact_id
    done = run.post(
        "complete",
        {
            "output": BRIEF,
            "say": "Copper it is.",
            "memories": [{"type": "decision", "content": "Copper", "key": "metal"}],
        },
    )
    assert done.body == {"status": "completed"}
    task = driver.get(f"/v1/tasks/{task_id}").data
    assert (task["status"], task["output"], task["say"]) == (
        "completed",
        BRIEF,
        "Copper it is.",
    )
    memory = driver.get(f"/v1/sessions/{session_id}/memories/metal").data
    assert memory["content"] == "Copper"
    assert driver.get(f"/v1/artifacts/{artifact_id}").data["content"] == "# Copper"
    published = [event.type for event in driver.outside.publisher.published]
    assert "task.completed" in published


@pytest.mark.req("T7")
def test_a_repeated_terminal_write_gets_the_same_answer(driver: ApiDriver) -> None:
    driver.task()
    run = driver.claim()

    first = run.post("complete", {"output": BRIEF})
    second = run.post("complete", {"output": BRIEF})

    assert (first.status, first.body) == (second.status, second.body)


@pytest.mark.req("T7")
@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("heartbeat", {}),
        ("events", {"events": [{"type": "log"}]}),
        ("artifacts", {"name": "a", "type": "t", "content": "c"}),
        ("uploads", {"sha256": "0" * 64, "size": 1}),
        ("complete", {"output": BRIEF}),
        ("fail", {"error_class": "network", "message": "m"}),
    ],
)
def test_a_run_that_handed_its_task_back_may_write_nothing(
    driver: ApiDriver, action: str, body: dict[str, object]
) -> None:
    driver.task()
    run = driver.claim()
    assert run.post("release").body == {"status": "pending"}
    driver.claim(worker_id="worker-2")

    told = run.post(action, body)

    assert (told.status, told.body["code"]) == (409, "lease_lost")


@pytest.mark.req("T7")
def test_a_run_that_lost_its_lease_reads_nothing_either(driver: ApiDriver) -> None:
    driver.task()
    run = driver.claim()
    run.post("release")

    assert [run.get(action).status for action in ("context", "signal")] == [409, 409]


@pytest.mark.req("T6")
def test_a_failure_that_may_pass_queues_the_task_again(driver: ApiDriver) -> None:
    task_id = driver.task()
    run = driver.claim()

    told = run.post("fail", {"error_class": "network", "message": "connection reset"})

    assert told.body == {"status": "pending"}
    assert driver.get(f"/v1/tasks/{task_id}").data["attempts"] == 1


@pytest.mark.req("T6")
def test_an_unknown_error_class_is_the_agents_own_and_noted(driver: ApiDriver) -> None:
    task_id = driver.task(max_attempts=1)

    told = driver.claim().post("fail", {"error_class": "bad_luck", "message": "m"})

    assert told.body == {"status": "failed"}
    task = driver.get(f"/v1/tasks/{task_id}").data
    assert (task["error"]["error_class"], task["error"]["message"]) == ("model", "m")
    assert task["notes"][0]["pointer"] == "/error_class"
    assert "bad_luck" in task["notes"][0]["message"]


@pytest.mark.req("T4")
def test_a_cancelled_run_hears_of_it_by_signal_and_heartbeat(driver: ApiDriver) -> None:
    task_id = driver.task()
    run = driver.claim()
    assert run.get("signal").body == {"cancel": False}

    assert driver.post(f"/v1/tasks/{task_id}/cancel").status == 200

    assert run.get("signal?wait=20").body == {"cancel": True}
    assert run.post("heartbeat").body["cancel"] is True
    assert run.post("fail", {"error_class": "cancelled", "message": "stopped"}).body == {
        "status": "cancelled"
    }


@pytest.mark.req("T8")
def test_a_claim_without_work_answers_204(driver: ApiDriver) -> None:
    told = driver.post("/v1/runs/claim", {"worker_id": "w", "agents": ["researcher"]})

    assert (told.status, told.text) == (204, "")
    assert [worker["worker_id"] for worker in driver.get("/v1/workers").body["items"]] == ["w"]


@pytest.mark.req("O7")
def test_claiming_needs_the_scope_worker(driver: ApiDriver) -> None:
    body = {"worker_id": "w", "agents": ["researcher"]}

    told = driver.post("/v1/runs/claim", body, token=driver.make_key(Scope.COMMANDS))

    assert (told.status, told.body["code"]) == (403, "scope_missing")


@pytest.mark.req("T7")
def test_a_lease_token_speaks_for_its_own_task_only(driver: ApiDriver) -> None:
    driver.task()
    other = driver.task()
    run = driver.claim()

    stranger = driver.post(f"/v1/runs/{other}/heartbeat", {}, token=run.input["lease_token"])
    forged = driver.post(
        f"/v1/runs/{run.input['task_id']}/heartbeat", {}, token=run.input["lease_token"] + "x"
    )
    missing = driver.post(f"/v1/runs/{run.input['task_id']}/heartbeat", {}, token=None)

    assert [told.status for told in (stranger, forged, missing)] == [403, 401, 401]


@pytest.mark.req("T4")
def test_large_content_is_uploaded_and_then_named(driver: ApiDriver) -> None:
    driver.task()
    run = driver.claim()
    content = b"x" * 300_000
    digest = hashlib.sha256(content).hexdigest()

    upload = run.post("uploads", {"sha256": digest, "size": len(content)}).body
    before = run.post("artifacts", {"name": "big", "type": "log", "content_sha256": digest})
    driver.outside.blobs.accept_upload(project_id=driver.project_id, content=content)
    after = run.post("artifacts", {"name": "big", "type": "log", "content_sha256": digest})

    assert upload["headers"]["Content-Length"] == "300000"
    assert (before.status, after.status) == (422, 200)
    artifact = driver.get(f"/v1/artifacts/{after.body['artifact_id']}").data
    assert artifact["content"] == content.decode()


@pytest.mark.req("T4")
def test_a_context_page_shrinks_until_it_fits_into_one_answer(driver: ApiDriver) -> None:
    session_id = driver.session()
    for number in range(6):
        body = {"content": str(number) * 1_000_000}
        driver.post(f"/v1/sessions/{session_id}/conversation", body)
    driver.task(session_id)
    run = driver.claim()

    seen: list[str] = []
    after = ""
    for _ in range(6):
        page = run.get(f"context{after}").body
        seen += [chunk["content"][0] for chunk in page["chunks"]]
        after = f"?after={page['next']}"
        if page["next"] is None:
            break

    assert seen == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.req("T3")
def test_a_launched_run_starts_by_its_code_and_may_ask_twice(driver: ApiDriver) -> None:
    task_id = driver.task()
    claimed = driver.claim_for_launch("researcher")
    code = driver.api.lease_keys().bootstrap_code(claimed.attempt_id)
    body = {"bootstrap_code": code, "worker_id": "container-1"}

    first = driver.post(f"/v1/runs/{task_id}/start", body, token=None)
    again = driver.post(f"/v1/runs/{task_id}/start", body, token=None)
    stranger = driver.post(f"/v1/runs/{task_id}/start", {**body, "worker_id": "c-2"}, token=None)
    forged = driver.post(
        f"/v1/runs/{task_id}/start", {**body, "bootstrap_code": code + "x"}, token=None
    )

    assert (first.status, again.status) == (200, 200)
    assert first.body["lease_epoch"] == again.body["lease_epoch"]
    assert (stranger.status, stranger.body["code"]) == (409, "lease_lost")
    assert (forged.status, forged.body["code"]) == (403, "bad_bootstrap_code")


HOSTILE = "\x1b]52;c;cm0gLXJm\x07\x1b[2J\x9b31mbad\u202e"


@pytest.mark.req("S8")
def test_what_a_run_says_is_kept_without_control_characters(driver: ApiDriver) -> None:
    session_id = driver.session()
    task_id = driver.task(session_id)
    run = driver.claim()
    run.post("events", {"events": [{"type": HOSTILE, "data": {HOSTILE: [HOSTILE]}}]})
    artifact = {"name": HOSTILE, "type": HOSTILE, "format": HOSTILE, "content": HOSTILE}
    artifact_id = run.post("artifacts", artifact).body["artifact_id"]
    memory = {"type": "idea", "content": HOSTILE, "key": HOSTILE, "tags": [HOSTILE]}

    run.post("complete", {"output": BRIEF, "say": f"{HOSTILE}\nwell", "memories": [memory]})

    task = driver.get(f"/v1/tasks/{task_id}").data
    assert task["say"] == "bad. well."
    kept = driver.get(f"/v1/sessions/{session_id}/memories/bad").data
    assert (kept["type"], kept["tags"], kept["content"]) == ("idea", ["bad"], HOSTILE)
    found = driver.get(f"/v1/artifacts/{artifact_id}").data
    assert (found["name"], found["type"], found["format"]) == ("bad", "bad", "bad")
    assert found["content"] == HOSTILE, "what an agent made is kept as it is"
    told = driver.get(f"/v1/sessions/{session_id}/events?limit=100").body["items"]
    progress = next(event["data"] for event in told if event["type"] == "task.progress")
    assert progress == {"kind": "bad", "bad": ["bad"]}
    assert "\x1b" not in str([event["data"] for event in told])
    assert "\x1b" not in str(driver.outside.publisher.published)


@pytest.mark.req("S8")
def test_why_a_run_failed_is_kept_without_control_characters(driver: ApiDriver) -> None:
    task_id = driver.task()
    run = driver.claim()

    told = {"message": f"{HOSTILE} end", "remedy": HOSTILE, "retryable": False}
    run.post("fail", {"error_class": "model", **told})

    error = driver.get(f"/v1/tasks/{task_id}").data["error"]
    assert (error["message"], error["remedy"]) == ("bad end", "bad")


@pytest.mark.req("T4", "O1")
def test_a_report_that_meets_a_lock_is_to_be_sent_again(driver: ApiDriver) -> None:
    session_id = driver.session()
    first = driver.task(session_id)
    driver.task(session_id, depends_on=[first])
    run = driver.claim()
    driver.outside.databases[0].connection.execute("SET lock_timeout = '50ms'")
    with psycopg.connect(driver.dsn) as somebody:
        somebody.execute("SELECT FROM sessions FOR UPDATE")
        told = run.post("complete", {"output": BRIEF})
        assert (told.status, told.body["code"], told.body["retryable"]) == (
            503,
            "database_slow",
            True,
        )
        somebody.rollback()
        somebody.execute("SELECT FROM tasks WHERE task_id <> %s FOR UPDATE", (first,))
        told = run.post("complete", {"output": BRIEF})
        assert (told.status, told.body["status"]) == (200, "completed"), (
            "whoever depends is told later"
        )
