"""Sessions, conversation, memories, artifacts, tasks as resources: the same commands
through another door.
"""

from __future__ import annotations

import pytest

from aiwebhook.domain.identity import Scope
from tests.support.commands import any_name
from tests.support.session_api import BRIEF, ApiDriver

Sent = tuple[str, str, dict[str, object] | None]


def requests_about(session_id: str, task_id: str, artifact_id: str) -> list[Sent]:
    """Every operation on a session and what is in it: method, path, body."""
    session, task = f"/v1/sessions/{session_id}", f"/v1/tasks/{task_id}"
    return [
        ("GET", session, None),
        ("DELETE", session, None),
        ("POST", f"{session}/pause", {}),
        ("POST", f"{session}/resume", {}),
        ("POST", f"{session}/complete", {}),
        ("POST", f"{session}/conversation", {"content": "c"}),
        ("GET", f"{session}/conversation", None),
        ("POST", f"{session}/memories", {"type": "idea", "content": "c"}),
        ("GET", f"{session}/memories", None),
        ("GET", f"{session}/memories/k", None),
        ("DELETE", f"{session}/memories/k", None),
        ("POST", f"{session}/artifacts", {"name": "n", "type": "t", "content": "c"}),
        ("GET", f"{session}/artifacts", None),
        ("GET", f"{session}/events", None),
        ("GET", f"/v1/artifacts/{artifact_id}", None),
        ("GET", f"/v1/memories?session_id={session_id}", None),
        ("GET", f"/v1/tasks?session_id={session_id}", None),
        (
            "POST",
            "/v1/tasks",
            {"session_id": session_id, "agent_name": "researcher", "description": "d"},
        ),
        ("GET", task, None),
        ("POST", f"{task}/cancel", {}),
        ("POST", f"{task}/retry", {}),
        ("POST", f"{task}/reply", {"message": "m"}),
    ]


@pytest.mark.req("S1")
def test_a_session_lives_from_creation_to_deletion(driver: ApiDriver) -> None:
    name = any_name("session")

    created = driver.post("/v1/sessions", {"session_id": name, "title": "Carbon"})
    paused = driver.post(f"/v1/sessions/{name}/pause")
    resumed = driver.post(f"/v1/sessions/{name}/resume")
    completed = driver.post(f"/v1/sessions/{name}/complete")
    summary = driver.get(f"/v1/sessions/{name}")
    deleted = driver.call("DELETE", f"/v1/sessions/{name}")
    gone = driver.get(f"/v1/sessions/{name}")

    answers = (created, paused, resumed, completed, summary, deleted)
    assert [told.status for told in answers] == [200] * 6
    assert created.body["say"] == "I opened the session."
    assert created.body["type"] == "collaborative_session_response"
    assert summary.data["title"] == "Carbon"
    assert (gone.status, gone.body["code"]) == (404, "session_not_found")
    assert gone.headers["Content-Type"] == "application/problem+json"


@pytest.mark.req("S1")
def test_sessions_are_listed_page_by_page(driver: ApiDriver) -> None:
    names = [driver.session() for _ in range(5)]

    seen: list[str] = []
    more = ""
    for _ in range(3):
        page = driver.get(f"/v1/sessions?limit=2{more}").data
        seen += [session["session_id"] for session in page["sessions"]]
        more = f"&cursor={page['next_cursor']}" if page["next_cursor"] else "the end"

    assert seen == names[::-1]
    assert more == "the end"


@pytest.mark.req("S2")
def test_what_was_said_is_read_back_in_order_whatever_its_size(driver: ApiDriver) -> None:
    session_id = driver.session()
    texts = ["first", "second " * 60_000, "third"]
    for text in texts:
        body = {"content": text, "format": "dialogue", "participants": ["ana"]}
        assert driver.post(f"/v1/sessions/{session_id}/conversation", body).status == 200

    page = driver.get(f"/v1/sessions/{session_id}/conversation?limit=2").body
    rest = driver.get(
        f"/v1/sessions/{session_id}/conversation?after_seq={page['next_after_seq']}"
    ).body

    assert [chunk["content"] for chunk in page["items"] + rest["items"]] == texts
    assert rest["next_after_seq"] is None


@pytest.mark.req("S3")
def test_memories_are_stored_found_and_forgotten(driver: ApiDriver) -> None:
    path = f"/v1/sessions/{driver.session()}/memories"
    driver.post(path, {"type": "decision", "content": "Copper", "key": "metal", "tags": ["a", "b"]})
    driver.post(path, {"type": "idea", "content": "Zinc too", "key": "more"})

    by_type = driver.get(f"{path}?type=decision").data["memories"]
    by_tags = driver.get(f"{path}?tags=a,b").data["memories"]
    by_text = driver.get(f"{path}?text=zinc&limit=5").data["memories"]
    one = driver.get(f"{path}/metal").data
    forgotten = driver.call("DELETE", f"{path}/metal")

    assert [memory["key"] for memory in by_type + by_tags + by_text] == ["metal", "metal", "more"]
    assert one["content"] == "Copper"
    assert forgotten.status == 200
    assert driver.get(f"{path}/metal").status == 404


@pytest.mark.req("S4")
def test_artifacts_are_added_listed_and_read(driver: ApiDriver) -> None:
    session_id = driver.session()
    body = {"name": "brief", "type": "report", "content": "# Brief", "format": "markdown"}
    artifact_id = driver.post(f"/v1/sessions/{session_id}/artifacts", body).data["artifact_id"]

    listed = driver.get(f"/v1/sessions/{session_id}/artifacts?type=report").data["artifacts"]

    assert [artifact["artifact_id"] for artifact in listed] == [artifact_id]
    assert driver.get("/v1/artifacts").data["artifacts"] == listed
    assert driver.get(f"/v1/artifacts/{artifact_id}").data["content"] == "# Brief"


@pytest.mark.req("T1")
def test_a_task_is_delegated_answered_cancelled_and_tried_again(driver: ApiDriver) -> None:
    session_id = driver.session()
    task_id = driver.task(session_id, priority=3)

    replied = driver.post(f"/v1/tasks/{task_id}/reply", {"message": "Hurry up"})
    cancelled = driver.post(f"/v1/tasks/{task_id}/cancel")
    again = driver.post(f"/v1/tasks/{task_id}/retry")
    listed = driver.get(f"/v1/tasks?session_id={session_id}&status=pending&limit=10").data

    assert [told.status for told in (replied, cancelled, again)] == [200, 200, 200]
    assert [task["task_id"] for task in listed["tasks"]] == [task_id]
    assert driver.outside.waker.woken == [(driver.project_id, "researcher")] * 2


@pytest.mark.req("N4")
def test_a_task_that_has_ended_answers_a_long_poll_at_once(driver: ApiDriver) -> None:
    task_id = driver.task()
    driver.claim().post("complete", {"output": BRIEF})

    assert driver.get(f"/v1/tasks/{task_id}?wait=20").data["output"] == BRIEF


@pytest.mark.req("S5")
def test_a_repeated_write_under_the_same_key_is_replayed(driver: ApiDriver) -> None:
    session_id = driver.session()
    path, body = f"/v1/sessions/{session_id}/memories", {"type": "idea", "content": "Once"}
    headers = {"Idempotency-Key": "key-1"}

    first = driver.post(path, body, headers=headers)
    again = driver.post(path, body, headers=headers)
    in_body = driver.post(path, {**body, "request_id": "key-1"})
    other = driver.post(path, {**body, "content": "Twice"}, headers=headers)

    assert first.data == again.data == in_body.data
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == in_body.headers["Idempotent-Replay"] == "true"
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")


@pytest.mark.req("O7")
def test_nothing_of_one_project_is_seen_from_another(driver: ApiDriver) -> None:
    session_id = driver.session()
    task_id = driver.task(session_id)
    body = {"name": "n", "type": "t", "content": "c"}
    artifact_id = driver.post(f"/v1/sessions/{session_id}/artifacts", body).data["artifact_id"]
    driver.post(f"/v1/sessions/{session_id}/memories", {"type": "idea", "content": "c", "key": "k"})
    stranger = driver.other_project()
    answers = {
        (method, path): stranger.call(method, path, sent).status
        for method, path, sent in requests_about(session_id, task_id, artifact_id)
    }

    assert set(answers.values()) == {404}, answers
    assert stranger.get("/v1/tasks").data["tasks"] == []
    assert stranger.get("/v1/artifacts").data["artifacts"] == []
    assert stranger.get("/v1/events").body["items"] == []
    assert driver.get(f"/v1/sessions/{session_id}").data["stats"]["tasks"] == 1


@pytest.mark.req("O7")
def test_reading_needs_no_more_than_the_scope_read(driver: ApiDriver) -> None:
    session_id = driver.session()
    reader = driver.make_key(Scope.READ)

    reads = driver.get(f"/v1/sessions/{session_id}", token=reader)
    writes = driver.post(f"/v1/sessions/{session_id}/pause", token=reader)
    manages = driver.get("/v1/keys", token=driver.make_key(Scope.COMMANDS))

    assert reads.status == 200
    assert (writes.status, writes.body["code"]) == (403, "scope_missing")
    assert (manages.status, manages.body["code"]) == (403, "scope_missing")
