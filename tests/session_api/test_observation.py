"""Events, agents, workers: what happened and who is there."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from aiwebhook.postgres.migrate import Phase, shipped_migrations
from tests.support.http_front import rest_event
from tests.support.session_api import ApiDriver, Json, session_api_handler


@contextmanager
def open_transaction(dsn: str, project_id: str) -> Generator[psycopg.Connection]:
    """A transaction that has written an event and not committed yet."""
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO events (project_id, type) VALUES (%s, 'agent.online')", (project_id,)
        )
        yield connection


def read_all(driver: ApiDriver, after: str | None) -> tuple[list[str], str]:
    """Types of all events behind a cursor, one event per page, and where the reader then is."""
    types: list[str] = []
    while True:
        cursor = "" if after is None else f"&after={after}"
        page = driver.get(f"/v1/events?limit=1{cursor}").body
        if not page["items"]:
            return types, page["next_cursor"]
        types += [event["type"] for event in page["items"]]
        after = page["next_cursor"]


@pytest.mark.req("S9")
def test_the_events_of_a_session_are_gap_free_and_read_from_anywhere(driver: ApiDriver) -> None:
    session_id = driver.session()
    for number in range(4):
        body = {"type": "idea", "content": f"idea {number}"}
        driver.post(f"/v1/sessions/{session_id}/memories", body)

    path = f"/v1/sessions/{session_id}/events"
    everything = driver.get(path).body
    behind_two = driver.get(f"{path}?after_seq=2&limit=2").body
    at_the_end = driver.get(f"{path}?after_seq=5").body

    assert [event["seq"] for event in everything["items"]] == [1, 2, 3, 4, 5]
    assert [event["seq"] for event in behind_two["items"]] == [3, 4]
    assert behind_two["next_after_seq"] == 4
    assert at_the_end == {"items": [], "next_after_seq": 5}
    first = everything["items"][0]
    assert set(first) == {
        *("id", "type", "time", "project_id", "session_id", "seq", "task_id", "data")
    }
    assert first["time"].endswith("Z")


@pytest.mark.req("O8")
def test_a_seq_that_was_never_given_out_is_put_at_the_end(driver: ApiDriver) -> None:
    session_id = driver.session()
    path = f"/v1/sessions/{session_id}/events"
    page = driver.get(f"{path}?wait=20&after_seq=57").body
    assert page == {"items": [], "next_after_seq": 1, "truncated": True, "first_seq": 2}
    assert driver.get(f"{path}?after_seq=1").body == {"items": [], "next_after_seq": 1}


@pytest.mark.req("S9")
def test_the_events_of_a_deleted_session_can_still_be_read(driver: ApiDriver) -> None:
    session_id = driver.session()
    driver.call("DELETE", f"/v1/sessions/{session_id}")

    events = driver.get(f"/v1/sessions/{session_id}/events").body["items"]

    assert events[-1]["type"] == "session.deleted"
    assert driver.get("/v1/sessions/never_was/events").status == 404


@pytest.mark.req("S9")
def test_a_project_reader_never_passes_a_transaction_in_flight(driver: ApiDriver) -> None:
    driver.session()
    seen, position = read_all(driver, None)
    with open_transaction(driver.dsn, driver.project_id) as slow:
        driver.session()
        while_open, position = read_all(driver, position)
        slow.commit()
    afterwards, _ = read_all(driver, position)

    assert seen == ["session.created"]
    assert while_open == []
    assert afterwards == ["agent.online", "session.created"]


@pytest.mark.req("S9")
def test_a_reader_may_start_at_the_end_and_choose_types(driver: ApiDriver) -> None:
    driver.session()
    latest = driver.get("/v1/events?after=latest").body
    session_id = driver.session()
    driver.task(session_id)

    later = driver.get(f"/v1/events?after={latest['next_cursor']}").body["items"]
    tasks = driver.get("/v1/events?types=task.created,task.failed").body["items"]

    assert latest["items"] == []
    assert [event["type"] for event in later] == ["session.created", "task.created"]
    assert [event["type"] for event in tasks] == ["task.created"]


@pytest.mark.req("N4")
def test_a_long_poll_answers_when_something_happens(driver: ApiDriver) -> None:
    session_id = driver.session()
    reader = ApiDriver(driver.dsn, project_id=driver.project_id, outside=driver.outside)
    told: list[Json] = []
    path = f"/v1/sessions/{session_id}/events?after_seq=1&wait=20"
    thread = threading.Thread(target=lambda: told.append(reader.get(path).body))

    thread.start()
    driver.post(f"/v1/sessions/{session_id}/memories", {"type": "idea", "content": "Now"})
    thread.join(timeout=15)

    assert [event["type"] for event in told[0]["items"]] == ["memory.stored"]


@pytest.mark.req("T9")
def test_agents_tell_their_load(driver: ApiDriver) -> None:
    driver.task()
    driver.task()
    driver.claim()

    agents = {a["agent_name"]: a for a in driver.get("/v1/agents").body["items"]}

    assert {"conversation_processor", "memory_keeper", "researcher", "local"} <= set(agents)
    assert (agents["researcher"]["running"], agents["researcher"]["queued"]) == (1, 1)


@pytest.mark.req("T9")
def test_workers_are_listed_page_by_page(driver: ApiDriver) -> None:
    for worker in ("w1", "w2", "w3"):
        driver.post("/v1/runs/claim", {"worker_id": worker, "agents": ["researcher"]})

    first = driver.get("/v1/workers?limit=2").body
    second = driver.get(f"/v1/workers?limit=2&cursor={first['next_cursor']}").body

    seen = [worker["worker_id"] for worker in first["items"] + second["items"]]
    assert seen == ["w3", "w2", "w1"]
    assert second["next_cursor"] is None
    assert driver.other_project().get("/v1/workers").body["items"] == []


@pytest.mark.req("O4")
def test_health_asks_nothing_and_readiness_asks_the_database(database: str) -> None:
    driver = ApiDriver(database)
    healthy = driver.get("/healthz", token=None)
    ready = driver.get("/readyz", token=None)
    with psycopg.connect(driver.dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM schema_migrations")
    behind = driver.get("/readyz", token=None)

    driver.outside.close()

    assert (healthy.status, healthy.body) == (200, {"status": "ok"})
    assert (ready.status, ready.body["status"]) == (200, "ready")
    assert (behind.status, behind.body["code"]) == (503, "migrations_pending")


@pytest.mark.req("O4")
def test_a_post_migration_that_is_due_keeps_nobody_from_being_ready(database: str) -> None:
    driver = ApiDriver(database)
    with psycopg.connect(driver.dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM schema_migrations WHERE name LIKE '%_post_%'")
    posts = [m for m in shipped_migrations() if m.phase is Phase.POST]

    ready = driver.get("/readyz", token=None)

    driver.outside.close()
    assert (ready.status, ready.body["post_migrations_due"]) == (200, len(posts))


@pytest.mark.req("S6")
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/sessions"), ("POST", "/v1/sessions"), ("GET", "/readyz"), ("GET", "/v1/events")],
)
def test_without_a_database_the_answer_says_where_it_should_be(
    driver: ApiDriver, method: str, path: str
) -> None:
    handler = session_api_handler(make_conninfo(driver.dsn, port=1), driver.outside)
    headers = {"Authorization": f"Bearer {driver.key}"}

    reply = handler(rest_event(method, path, headers=headers), None)

    problem = json.loads(reply["body"])
    assert (reply["statusCode"], problem["code"]) == (503, "database_unavailable")
    assert int(reply["headers"]["Retry-After"]) > 0
    assert ":1 " in problem["detail"]
    assert "doctor" in problem["remedy"]


@pytest.mark.req("S6")
def test_a_broken_connection_is_replaced(driver: ApiDriver) -> None:
    session_id = driver.session()
    with psycopg.connect(driver.dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    statuses = [driver.get(f"/v1/sessions/{session_id}").status for _ in range(2)]

    assert statuses in ([503, 200], [200, 200])
