"""Events by webhook: what is sent, how often, and what is never lost."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from jsonschema import Draft202012Validator

from aiwebhook.domain.delivery import Answered, DeliveryUnanswered, SendFailure
from aiwebhook.domain.lane import Lane
from tests.support.follower import Follower
from tests.support.mcp_receiver import verified
from tests.support.session_api import BRIEF

pytestmark = pytest.mark.req("N6")
Json = dict[str, Any]
DOWN = Answered(status=503)


def test_the_end_of_a_task_reaches_its_follower(follower: Follower) -> None:
    subscription_id = follower.subscribe()["id"]
    task = follower.completed(say="Copper it is.")
    (published,) = [
        event
        for event in follower.driver.outside.publisher.published
        if event.type == "task.completed" and event.project_id == follower.driver.project_id
    ]
    follower.deliver(Lane.FIRST)
    (callback,) = follower.received()
    assert callback.headers["webhook-id"] == published.event_id
    assert callback.headers["X-MCP-Subscription-Id"] == subscription_id
    event = verified(callback, follower.secret)
    assert "type" not in event
    assert (event["eventId"], event["name"]) == (published.event_id, "task.updated")
    assert event["data"]["say"] == "Copper it is."
    assert event["data"]["read_with"] == {"tool": "get_task", "arguments": {"task": task}}
    polled = follower.client.result(
        "events/poll", {"name": "task.updated", "cursor": event["cursor"]}
    )
    assert polled["events"] == []
    follower.deliver()
    assert len(follower.received()) == 1


def test_the_event_and_its_delivery_are_one_transaction(follower: Follower) -> None:
    """Nothing but the commit stands between what ended and who is told: no kill comes between."""
    follower.subscribe()
    follower.completed()
    with psycopg.connect(follower.driver.dsn) as connection:
        rows = connection.execute(
            "SELECT e.xmin::text = d.xmin::text FROM events e JOIN deliveries d USING (event_no)"
            " WHERE d.project_id = %s",
            [follower.driver.project_id],
        ).fetchall()
    assert rows == [(True,)]


def test_a_cursor_never_passes_over_a_transaction_still_in_flight(follower: Follower) -> None:
    """It began first and commits last: who polls from the later event's cursor still gets it."""
    follower.completed()
    follower.subscribe()
    with psycopg.connect(follower.driver.dsn) as earlier:
        ((event_id,),) = earlier.execute(
            "INSERT INTO events (project_id, session_id, seq, type, task_id, data)"
            " SELECT project_id, session_id, seq + 100, type, task_id, data FROM events"
            " WHERE project_id = %s AND type = 'task.completed' "
            " RETURNING event_name(event_id, created_at, event_no)",
            [follower.driver.project_id],
        )
        follower.completed()
        follower.deliver()
        (told,) = follower.told()
        refreshed = follower.subscribe()["cursor"]
    for cursor in (told["cursor"], refreshed):
        polled = follower.client.result(
            "events/poll", {"name": "task.updated", "cursor": cursor, "maxEvents": 10}
        )
        assert event_id in [event["eventId"] for event in polled["events"]]


def test_every_kind_that_has_webhooks_sends_what_it_promises(follower: Follower) -> None:
    kinds = {
        each["name"]: each["payloadSchema"]
        for each in follower.client.result("events/list")["events"]
        if "webhook" in each["delivery"]
    }
    followers = {n: replace(follower, url=f"{follower.url}{i}") for i, n in enumerate(kinds)}
    for name, each in followers.items():
        each.subscribe(name)
    driver, session = follower.driver, follower.driver.session()
    driver.post(f"/v1/sessions/{session}/memories", {"type": "fact", "key": "a", "content": "b"})
    driver.post(
        f"/v1/sessions/{session}/artifacts", {"name": "a.md", "type": "report", "content": "x"}
    )
    driver.task(session)
    run = driver.claim()
    run.post("artifacts", {"name": "plan.md", "type": "report", "content": "# Plan"})
    run.post("complete", {"output": BRIEF, "memories": [{"type": "fact", "content": "c"}]})
    driver.task(session, max_attempts=1)
    driver.claim().post("fail", {"error_class": "bad_luck", "message": "m" * 5_000})
    follower.deliver()
    counts = {name: len(each.received()) for name, each in followers.items()}
    assert counts == {
        "task.updated": 2,
        "task.completed": 1,
        "task.failed": 1,
        "task.input_required": 0,  # no agent asks yet
        "memory.stored": 2,
        "artifact.created": 2,
    }
    for name, each in followers.items():
        promised: Any = Draft202012Validator(kinds[name])
        for callback, event in zip(each.received(), each.told(), strict=True):
            promised.validate(event["data"])
            assert len(callback.body) < 5_000


def test_filters_hold_for_webhooks_too(follower: Follower) -> None:
    driver, session = follower.driver, follower.driver.session()
    follower.subscribe(arguments={"session_id": session, "agent": "researcher"})
    other = replace(follower, url=f"{follower.url}2")
    other.subscribe(arguments={"types": ["task.failed"]})
    stranger = Follower(driver=driver.other_project())
    stranger.subscribe()
    task = follower.completed(session)
    follower.completed()
    follower.deliver()
    stranger.deliver()
    assert [event["data"]["task_id"] for event in follower.told()] == [task]
    assert other.received() == stranger.received() == []


def test_a_retry_has_the_same_id_and_bytes_and_a_signature_of_its_own(follower: Follower) -> None:
    follower.subscribe()
    session = follower.driver.session()
    follower.completed(session)
    follower.receivers.answer(follower.url, DOWN, DOWN)
    follower.deliver(Lane.FIRST)
    assert follower.deliveries() == [("pending", 1, 1.0)]
    follower.sql("UPDATE sessions SET title = 'Another' WHERE project_id = 'PROJECT'")
    follower.sql("UPDATE events SET data = '{}' WHERE project_id = 'PROJECT'")
    for _ in range(2):
        follower.time_passes()
        follower.deliver()
    first, second, third = follower.received()
    assert (
        first.headers["webhook-id"] == second.headers["webhook-id"] == third.headers["webhook-id"]
    )
    assert first.body == second.body == third.body
    assert all(follower.told())
    assert follower.deliveries()[0][:2] == ("delivered", 3)


def test_a_receiver_that_is_down_is_suspended_and_loses_nothing(follower: Follower) -> None:
    follower.subscribe()
    follower.completed()
    follower.receivers.answer(follower.url, *[DOWN] * 9)
    waits: list[float] = []
    for _ in range(9):
        follower.deliver()
        waits.append(follower.deliveries()[0][2])
        follower.time_passes()
    assert waits == [1, 10, 60, 300, 300, 900, 1_800, 3_600, 3_600]
    tasks = [follower.completed() for _ in range(3)]
    before = len(follower.received())
    follower.receivers.answer(follower.url, DOWN)
    follower.deliver()
    assert len(follower.received()) == before + 1, "one probe, and the rest waits"
    follower.time_passes()
    follower.deliver()
    follower.deliver()
    told = [event["data"]["task_id"] for event in follower.told()]
    assert set(tasks) < set(told)
    assert {status for status, *_ in follower.deliveries()} == {"delivered"}
    status = follower.subscribe()["deliveryStatus"]
    assert status["lastError"] == "http_5xx"
    assert status["lastDeliveryAt"] is not None
    assert "failedSince" not in status


def test_a_refresh_wakes_what_waits_at_once(follower: Follower) -> None:
    follower.subscribe()
    follower.completed()
    follower.receivers.answer(follower.url, *[DOWN] * 6)
    for _ in range(6):
        follower.deliver()
        follower.time_passes()
    follower.sql(
        "UPDATE endpoints SET breaker_open_until = now() + interval '1 hour'"
        " WHERE project_id = 'PROJECT'"
    )
    follower.sql(
        "UPDATE deliveries SET next_attempt_at = now() + interval '1 hour'"
        " WHERE project_id = 'PROJECT'"
    )
    before = len(follower.received())
    follower.deliver()
    assert len(follower.received()) == before
    rung = len(follower.driver.outside.ringer.rung)
    status = follower.subscribe()["deliveryStatus"]
    assert (status["active"], status["lastError"]) == (True, "http_5xx")
    assert len(follower.driver.outside.ringer.rung) == rung + 1
    follower.deliver()
    assert follower.deliveries()[0][0] == "delivered"


@pytest.mark.parametrize("status", [410, 413])
def test_410_and_413_end_one_delivery_and_not_the_subscription(
    follower: Follower, status: int
) -> None:
    follower.subscribe()
    follower.completed()
    follower.receivers.answer(follower.url, Answered(status=status))
    follower.deliver()
    follower.time_passes()
    follower.deliver()
    assert [row[:2] for row in follower.deliveries()] == [("dead", 1)]
    task = follower.completed()
    follower.deliver()
    assert follower.told()[-1]["data"]["task_id"] == task


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answered(status=302), "http_4xx"),
        (Answered(status=425), "http_4xx"),
        (Answered(status=500, snippet="MARKER"), "http_5xx"),
        (DeliveryUnanswered(fault=SendFailure.TIMEOUT, detail="MARKER"), "timeout"),
        (DeliveryUnanswered(fault=SendFailure.CONNECT, detail="MARKER"), "connection_refused"),
        (DeliveryUnanswered(fault=SendFailure.PROTOCOL, detail="MARKER"), "connection_refused"),
        (DeliveryUnanswered(fault=SendFailure.TLS, detail="MARKER"), "tls_error"),
        (DeliveryUnanswered(fault=SendFailure.REFUSED, detail="MARKER"), "connection_refused"),
    ],
)
def test_whatever_else_it_says_is_tried_again_and_told_in_known_words(
    follower: Follower, answer: Any, error: str
) -> None:
    follower.subscribe()
    follower.completed()
    follower.receivers.answer(follower.url, answer)
    follower.deliver()
    assert follower.deliveries()[0][0] == "pending"
    status = follower.subscribe()["deliveryStatus"]
    assert status["lastError"] == error
    assert "failedSince" in status
    assert "MARKER" not in json.dumps(status)
    follower.deliver()
    assert follower.deliveries()[0][0] == "delivered"
