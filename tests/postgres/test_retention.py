# reason: one promise, and the helpers that let days pass
"""What is kept for a time goes after it, and never before: nothing pending, and `seq` goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from aiwebhook.clock import utc_now
from aiwebhook.domain.retention import DEFAULT_DAYS, RetentionKind
from aiwebhook.ports.blob_sweep import StoredBlob
from aiwebhook.ports.inbound import InboundDelivery
from aiwebhook.ports.retention import PageOrder
from aiwebhook.postgres.blob_sweep_store import PostgresBlobSweepStore
from aiwebhook.postgres.inbound_store import PostgresInboundStore
from aiwebhook.postgres.retention_store import PostgresRetentionStore
from aiwebhook.usecases.retain import Pruned, prune, retain
from tests.support.session_api import BRIEF, ApiDriver

pytestmark = pytest.mark.req("O8")
ENDED = {"output": BRIEF, "say": "Copper."}


@pytest.fixture
def driver(database: str) -> Iterator[ApiDriver]:
    made = ApiDriver(database)
    yield made
    made.outside.close()


def store_of(driver: ApiDriver) -> PostgresRetentionStore:
    return PostgresRetentionStore(driver.outside.databases[0])


def tick(driver: ApiDriver) -> Pruned:
    """As a day later: walks begin once a day."""
    driver.sql("UPDATE retention_walks SET began_at = '-infinity'")
    return retain(store_of(driver), has_time=lambda: True)


OLDER: tuple[LiteralString, ...] = (
    "UPDATE events SET created_at = created_at - make_interval(days => %s)",
    "UPDATE deliveries SET created_at = created_at - make_interval(days => %s)",
    "UPDATE audit_log SET created_at = created_at - make_interval(days => %s)",
    "UPDATE task_attempts SET finished_at = finished_at - make_interval(days => %s)",
    "UPDATE inbound_deliveries SET received_at = received_at - make_interval(days => %s)",
)


def age(driver: ApiDriver, days: int) -> None:
    """All that is there is so many days older."""
    with psycopg.connect(driver.dsn) as connection:
        for statement in OLDER:
            connection.execute(statement, (days,))


def events(driver: ApiDriver, session_id: str) -> list[str]:
    path = f"/v1/sessions/{session_id}/events"
    return [event["type"] for event in driver.get(path).body["items"]]


def test_young_rows_stay_and_old_ones_go_but_the_last_event_of_a_session(driver: ApiDriver) -> None:
    session_id = driver.session()
    driver.task(session_id)
    assert driver.claim().post("complete", ENDED).status == 200
    before = events(driver, session_id)

    assert sum(tick(driver).rows.values()) == 0
    assert events(driver, session_id) == before

    age(driver, 91)
    pruned = tick(driver)
    assert pruned.rows[RetentionKind.EVENTS] == len(before) - 1
    assert pruned.rows[RetentionKind.ATTEMPTS] == 1
    assert events(driver, session_id) == ["task.completed"]
    task_id = driver.sql("SELECT task_id FROM tasks")[0][0]
    assert driver.get(f"/v1/tasks/{task_id}").data["say"] == "Copper."


def test_a_reader_behind_the_floor_is_notified_and_continues_with_the_first_event_left(
    driver: ApiDriver,
) -> None:
    session_id = driver.session()
    cursor = driver.get("/v1/events").body["next_cursor"]
    for number in range(3):
        driver.post(f"/v1/sessions/{session_id}/memories", {"type": "idea", "content": f"{number}"})
    age(driver, 91)
    tick(driver)
    driver.post(f"/v1/sessions/{session_id}/memories", {"type": "idea", "content": "new"})

    path = f"/v1/sessions/{session_id}/events"
    page = driver.get(f"{path}?after_seq=1&wait=20").body
    assert [event["seq"] for event in page["items"]] == [4, 5]
    assert (page["truncated"], page["first_seq"]) == (True, 4)
    assert "truncated" not in driver.get(f"{path}?after_seq=3").body
    assert "truncated" not in driver.get(f"{path}?after_seq=4").body

    page = driver.get(f"/v1/events?after={cursor}").body
    assert [event["seq"] for event in page["items"]] == [4, 5]
    assert page["truncated"] is True
    assert "truncated" not in driver.get(f"/v1/events?after={page['next_cursor']}").body


def test_seq_goes_on_where_a_deleted_session_ended_however_long_ago(driver: ApiDriver) -> None:
    session_id = driver.session()
    driver.call("DELETE", f"/v1/sessions/{session_id}")
    age(driver, 1000)
    tick(driver)
    assert driver.post("/v1/sessions", {"session_id": session_id}).status == 200
    seqs = [e["seq"] for e in driver.get(f"/v1/sessions/{session_id}/events").body["items"]]
    assert seqs == [2, 3]


def test_what_is_pending_stays_however_old_it_is(driver: ApiDriver) -> None:
    waits, runs = driver.session(), driver.session()
    driver.task(waits, not_before="2099-01-01T00:00:00Z")
    driver.task(runs)
    driver.claim()
    endpoint = driver.post("/v1/endpoints", {"url": "https://a.example/hook"})
    assert endpoint.status == 200, endpoint.text
    ended = driver.session()
    driver.post(f"/v1/sessions/{ended}/memories", {"type": "idea", "content": "told"})
    driver.post(f"/v1/sessions/{ended}/memories", {"type": "idea", "content": "last"})
    driver.sql("DELETE FROM outbox WHERE kind = 'publish'")
    age(driver, 5000)

    pruned = tick(driver)

    assert events(driver, waits)[-1] == "task.created"
    assert events(driver, runs)[-2:] == ["task.claimed", "task.started"]
    assert driver.sql("SELECT count(*) FROM deliveries WHERE status = 'pending'") == [(2,)]
    assert events(driver, ended)[-2:] == ["memory.stored", "memory.stored"]
    assert driver.sql("SELECT count(*) FROM task_attempts") == [(1,)]
    assert pruned.rows[RetentionKind.DELIVERIES] == 0

    driver.sql("UPDATE deliveries SET status = 'delivered', leased_until = NULL")
    pruned = tick(driver)
    assert pruned.rows[RetentionKind.DELIVERIES] == 2
    assert events(driver, ended) == ["memory.stored"]


def test_news_that_was_pruned_before_anybody_acknowledged_it_is_a_count(driver: ApiDriver) -> None:
    session_id = driver.session()
    for _ in range(3):
        driver.task(session_id)
        assert driver.claim().post("complete", ENDED).status == 200
    assert driver.get(f"/v1/sessions/{session_id}/updates").data["total"] == 3
    age(driver, 91)
    tick(driver)

    told = driver.get(f"/v1/sessions/{session_id}/updates").body
    assert (told["data"]["total"], told["data"]["pruned"]) == (1, 2)
    assert driver.get("/v1/updates").data["pruned"] == 2
    path = f"/v1/sessions/{session_id}/updates/ack"
    assert driver.post(path, {"cursor": told["cursor"]}).status == 200
    assert "pruned" not in driver.get(f"/v1/sessions/{session_id}/updates").data


def test_received_bodies_go_before_what_tells_a_repeat(driver: ApiDriver) -> None:
    driver.sql(
        "INSERT INTO inbound_deliveries (project_id, source, guid, event_type, headers, body,"
        " body_sha256) SELECT project_id, 'github', g.guid, 'push', '{\"a\": \"b\"}', g.body,"
        " sha256(g.guid::bytea) FROM projects, (VALUES ('small', 'x'::bytea), ('large', NULL))"
        " AS g (guid, body)"
    )
    blob = StoredBlob(
        key="a",
        folder="artifacts",
        project_id=driver.project_id,
        sha256=driver.sql("SELECT sha256('large')")[0][0],
        changed_at=utc_now(),
        hidden=False,
        version_ids=(),
    )
    sweep = PostgresBlobSweepStore(driver.outside.databases[0])
    assert sweep.named_blobs([blob])
    age(driver, 31)
    assert tick(driver).rows[RetentionKind.INBOUND_BODIES] == 2
    rows = driver.sql("SELECT body, headers::text, body_pruned FROM inbound_deliveries")
    assert rows == [(None, "{}", True)] * 2
    assert not sweep.named_blobs([blob]), "the sweep erases its bytes"
    assert tick(driver).rows[RetentionKind.INBOUND_BODIES] == 0
    age(driver, 370)
    assert tick(driver).rows[RetentionKind.INBOUND_DELIVERIES] == 2
    assert driver.sql("SELECT count(*) FROM inbound_deliveries") == [(0,)]


@pytest.mark.req("W8")
def test_a_source_that_is_kept_for_less_loses_its_bodies_earlier_and_no_other_does(
    driver: ApiDriver,
) -> None:
    other = driver.other_project()
    short, long = (
        by.post("/v1/sources", {"kind": "github", "retention_days": days}).body["source_id"]
        for by, days in ((driver, 2), (driver, 60))
    )
    usual = driver.post("/v1/sources", {"kind": "github"}).body["source_id"]
    driver.sql(
        "INSERT INTO inbound_deliveries (project_id, source, guid, event_type, headers, body,"
        " body_sha256) SELECT p.project_id, s.name, 'g', 'push', '{}', 'x', sha256('x')"
        " FROM projects p CROSS JOIN (SELECT source_id AS name FROM sources"
        " UNION SELECT 'github') s"
    )

    def kept(by: ApiDriver) -> set[str]:
        listed = by.get("/v1/inbound?limit=100").body["items"]
        return {item["source"] for item in listed if not item["body_pruned"]}

    age(driver, 3)
    tick(driver)
    assert kept(driver) == {long, usual, "github"}
    assert kept(other) == {short, long, usual, "github"}, "the project of its own decides"
    age(driver, 28)  # a month in all: what the project says
    tick(driver)
    assert kept(driver) == {long}
    age(driver, 30)
    tick(driver)
    assert kept(driver) == set()
    guids = {item["guid"] for item in driver.get("/v1/inbound").body["items"]}
    assert guids == {"g"}, "a repeat is still known"


def test_a_dry_run_counts_what_the_run_then_deletes(driver: ApiDriver) -> None:
    session_id = driver.session()
    for number in range(20):
        driver.post(f"/v1/sessions/{session_id}/memories", {"type": "idea", "content": f"{number}"})
    age(driver, 401)
    store = store_of(driver)

    def run(*, apply: bool) -> Pruned:
        return prune(store, project_id=driver.project_id, apply=apply, has_time=lambda: True)

    counted = run(apply=False)
    assert counted.rows[RetentionKind.EVENTS] == 20
    assert counted.rows[RetentionKind.AUDIT] > 0
    assert run(apply=False) == counted
    assert run(apply=True) == counted
    assert sum(run(apply=True).rows.values()) == 0


def test_a_dry_run_counts_the_events_that_wait_for_callbacks_it_counts(driver: ApiDriver) -> None:
    driver.post("/v1/endpoints", {"url": "https://a.example/hook"})
    session_id = driver.session()
    for _ in range(2):
        driver.task(session_id)
        assert driver.claim().post("complete", ENDED).status == 200
    driver.post(f"/v1/sessions/{session_id}/memories", {"type": "idea", "content": "last"})
    driver.sql("DELETE FROM outbox")
    driver.sql(
        "UPDATE deliveries SET status = 'delivered'"
        " WHERE event_no = (SELECT min(event_no) FROM events WHERE type = 'task.completed')"
    )
    age(driver, 91)
    store = store_of(driver)

    def run(*, apply: bool) -> Pruned:
        return prune(store, project_id=driver.project_id, apply=apply, has_time=lambda: True)

    driver.post("/v1/retention", {"deliveries": "forever"})
    kept = run(apply=False)
    driver.post("/v1/retention", {"deliveries": 30})
    counted = run(apply=False)
    assert counted.rows[RetentionKind.DELIVERIES] == 1
    assert counted.rows[RetentionKind.EVENTS] == kept.rows[RetentionKind.EVENTS] + 1
    assert run(apply=True) == counted


@pytest.mark.req("W8")
def test_bytes_that_come_again_and_again_do_not_keep_their_old_deliveries(
    driver: ApiDriver,
) -> None:
    inbound = PostgresInboundStore(driver.outside.databases[0])
    delivery = InboundDelivery(
        project_id=driver.project_id,
        source="monitor",
        hook_id="",
        guid=None,
        event_type="ping",
        headers={},
        body=b"{}",
        body_sha256=hashlib.sha256(b"{}").digest(),
        size=2,
        content_type=None,
        correlation_id="c",
    )

    def ping() -> str:
        accepted = inbound.accept_delivery(delivery)
        assert not accepted.duplicate
        return accepted.delivery_id

    first = ping()
    for days in (200, 201):
        age(driver, days)
        last = ping()
    assert tick(driver).rows[RetentionKind.INBOUND_DELIVERIES] == 1
    age(driver, 2)
    newest = ping()
    kept = {
        delivery_id for (delivery_id,) in driver.sql("SELECT delivery_id FROM inbound_deliveries")
    }
    assert first not in kept
    assert {last, newest} < kept


def test_a_row_that_somebody_holds_keeps_its_walk_waiting_and_no_other(driver: ApiDriver) -> None:
    session_id = driver.session()
    for number in range(3):
        driver.post(f"/v1/sessions/{session_id}/memories", {"type": "idea", "content": f"{number}"})
    age(driver, 401)
    driver.outside.databases[0].connection.execute("SET lock_timeout = '50ms'")
    with psycopg.connect(driver.dsn) as somebody:
        somebody.execute("SELECT FROM events FOR UPDATE")
        held = tick(driver)
    assert not held.complete
    assert held.rows[RetentionKind.EVENTS] == 0
    assert held.rows[RetentionKind.AUDIT] > 0
    assert tick(driver).rows[RetentionKind.EVENTS] == 3


def test_a_walk_goes_on_where_time_ran_out_and_then_rests_for_a_day(driver: ApiDriver) -> None:
    session_id = driver.session()
    for number in range(9):
        driver.post(f"/v1/sessions/{session_id}/memories", {"type": "idea", "content": f"{number}"})
    age(driver, 91)
    store = store_of(driver)
    (walk,) = [w for w in store.due_walks(limit=100) if w.kind == RetentionKind.EVENTS]
    page = store.prune_page(PageOrder(walk=walk, apply=True, limit=4))
    assert page is not None
    assert (page.pruned, page.marker is not None) == (4, True)
    store.note_walk(walk, page.marker)
    (walk,) = [w for w in store.due_walks(limit=100) if w.kind == RetentionKind.EVENTS]
    assert walk.marker == page.marker

    assert retain(store, has_time=lambda: True).rows[RetentionKind.EVENTS] == 5
    assert store.due_walks(limit=100) == []
    assert not retain(store, has_time=lambda: False).rows


def test_for_ever_is_for_ever_and_a_rule_is_of_one_project(driver: ApiDriver) -> None:
    other = driver.other_project()
    session_id, of_other = driver.session(), other.session()
    for each, name in ((driver, session_id), (other, of_other)):
        each.post(f"/v1/sessions/{name}/memories", {"type": "idea", "content": "old"})
    age(driver, 20)
    store = store_of(driver)
    rules = {RetentionKind.EVENTS: 10, RetentionKind.AUDIT: None}
    store.set_retention_rules(project_id=driver.project_id, actor="test", days=rules)
    pruned = tick(driver)
    assert pruned.rows[RetentionKind.EVENTS] == 1
    assert len(events(other, of_other)) == 2
    age(driver, 1000)
    tick(driver)
    assert driver.sql("SELECT count(*) > 0 FROM audit_log WHERE action = 'retention.changed'") == [
        (True,)
    ]


def test_every_kind_has_a_default() -> None:
    assert set(DEFAULT_DAYS) == set(RetentionKind)
