"""News over REST: the same as through POST /webhook, and a GET changes nothing."""

from __future__ import annotations

import psycopg
import pytest

from tests.support.session_api import ApiDriver, Json


def finish(driver: ApiDriver, session_id: str, task_id: str) -> str:
    """What the end of a run leaves, in short; the id of its event."""
    with psycopg.connect(driver.dsn) as connection:
        (row,) = connection.execute(
            "WITH s AS (UPDATE sessions SET last_seq = last_seq + 1 WHERE project_id = %(project)s"
            " AND session_id = %(session)s RETURNING last_seq)"
            " INSERT INTO events (project_id, session_id, seq, type, task_id, data)"
            " SELECT %(project)s, %(session)s, last_seq, 'task.completed', %(task)s,"
            ' \'{"say": "Done."}\' FROM s RETURNING '
            "event_name(event_id, created_at, event_no) AS event_id",
            {"project": driver.project_id, "session": session_id, "task": task_id},
        ).fetchall()
    return row[0]


def told(body: Json) -> list[tuple[str, int]]:
    return [(update["task_id"], update["times"]) for update in body["updates"]]


@pytest.mark.req("N5")
def test_get_tells_news_and_spends_none(driver: ApiDriver) -> None:
    session_id = driver.session()
    finish(driver, session_id, "t1")
    for _ in range(6):
        for path in (f"/v1/sessions/{session_id}", f"/v1/tasks?session_id={session_id}"):
            assert told(driver.get(path).body) == [("t1", 1)]
        assert len(driver.get("/v1/sessions").body["elsewhere"]) == 1
    reply = driver.post(f"/v1/sessions/{session_id}/pause").body
    assert told(reply) == [("t1", 1)]
    after = driver.post(f"/v1/sessions/{session_id}/resume", {"ack": reply["cursor"]}).body
    assert told(after) == []
    assert after["next"] is None


@pytest.mark.req("N5")
def test_the_reader_comes_in_the_body_the_query_or_the_header(driver: ApiDriver) -> None:
    session_id = driver.session()
    path = f"/v1/sessions/{session_id}"
    idea: Json = {"type": "idea", "content": "x"}
    driver.post(f"{path}/memories", {**idea, "reader": "walk"})
    finish(driver, session_id, "t1")
    first = driver.post(f"{path}/memories", idea, headers={"X-Reader": "walk"}).body
    assert told(first) == [("t1", 1)]
    assert told(driver.get(f"{path}?reader=walk").body) == [("t1", 2)]
    assert told(driver.get(path).body) == [("t1", 1)]
    acked = {**idea, "reader": "walk", "ack": first["cursor"]}
    assert told(driver.post(f"{path}/memories", acked).body) == []
    assert told(driver.get(path, headers={"X-Reader": "walk"}).body) == []
    assert told(driver.get(path).body) == [("t1", 1)]


@pytest.mark.req("N5")
def test_a_program_that_passes_nothing_on_says_so(driver: ApiDriver) -> None:
    session_id = driver.session()
    finish(driver, session_id, "t1")
    quiet = {"X-Reader": "none"}
    for _ in range(6):
        body = driver.post(f"/v1/sessions/{session_id}/pause", headers=quiet).body
        driver.post(f"/v1/sessions/{session_id}/resume", headers=quiet)
        assert (body["updates"], body["elsewhere"], body["next"]) == ([], [], None)
    assert told(driver.get(f"/v1/sessions/{session_id}").body) == [("t1", 1)]


@pytest.mark.req("N5")
def test_updates_are_resources_of_a_session_and_of_the_project(driver: ApiDriver) -> None:
    here, there = driver.session(), driver.session()
    mine, other = finish(driver, here, "t1"), finish(driver, there, "t2")
    of_session: Json = {}
    for _ in range(2):
        of_session = driver.get(f"/v1/sessions/{here}/updates").body
        assert [u["id"] for u in of_session["data"]["updates"]] == [mine]
        of_all = driver.get("/v1/updates?limit=1").body["data"]
        assert [u["id"] for u in of_all["updates"]] == [mine]
        rest = driver.get(f"/v1/updates?cursor={of_all['next_cursor']}").body["data"]
        assert [(u["id"], u["session_id"]) for u in rest["updates"]] == [(other, there)]
    path = f"/v1/sessions/{here}/updates/ack"
    assert driver.post(path, {"cursor": of_session["cursor"]}).data == {"acknowledged": 1}
    assert driver.post("/v1/updates/ack", {"ids": [other]}).data == {"acknowledged": 1}
    assert driver.get("/v1/updates").body["data"]["total"] == 0
    assert driver.get(f"/v1/sessions/{here}/updates").body["data"]["updates"] == []


@pytest.mark.req("N5")
@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("GET", "/v1/sessions?ack=1", None, "/ack"),
        ("GET", "/v1/sessions?reader=a%20b", None, "/reader"),
        ("POST", "/v1/sessions/{id}/pause", {"ack": "soon"}, "/ack"),
        ("POST", "/v1/sessions/{id}/pause", {"ack": True}, "/ack"),
        ("POST", "/v1/sessions/{id}/pause", {"ack": -1}, "/ack"),
        ("POST", "/v1/sessions/{id}/pause", {"ack": 99}, "/ack"),
        ("POST", "/v1/sessions/{id}/pause", {"reader": 7}, "/reader"),
        ("POST", "/v1/sessions/{id}/updates/ack", {"cursor": 99}, "/cursor"),
        ("POST", "/v1/updates/ack", {"cursor": 1}, "/cursor"),
        ("POST", "/v1/updates/ack", {"ids": ["evt_nowhere"]}, "/ids/0"),
        ("DELETE", "/v1/sessions/{id}?ack=99", None, "/ack"),
    ],
)
def test_what_cannot_be_acknowledged_is_422(
    driver: ApiDriver, method: str, path: str, body: Json | None, pointer: str
) -> None:
    session_id = driver.session()
    answer = driver.call(method, path.format(id=session_id), body)
    assert answer.status == 422, answer.text
    assert [error["pointer"] for error in answer.body["errors"]] == [pointer]
    assert driver.get(f"/v1/sessions/{session_id}").data["status"] == "active"


@pytest.mark.req("N5")
def test_null_is_absent_and_digits_are_a_number(driver: ApiDriver) -> None:
    session_id = driver.session()
    finish(driver, session_id, "t1")
    path = f"/v1/sessions/{session_id}/pause"
    reply = driver.post(path, {"ack": None, "reader": None}).body
    assert told(reply) == [("t1", 1)]
    driver.post(f"/v1/sessions/{session_id}/resume", {"ack": str(reply["cursor"])})
    assert told(driver.get(f"/v1/sessions/{session_id}").body) == []
