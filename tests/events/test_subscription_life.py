"""What becomes of a subscription: other secrets, another start, its end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from aiwebhook.domain.delivery import Answered
from tests.support.follower import Follower, a_secret
from tests.support.mcp_receiver import verified
from tests.support.session_api import ApiDriver

pytestmark = pytest.mark.req("N6")
Json = dict[str, Any]
DOWN = Answered(status=503)


def test_two_secrets_sign_while_one_replaces_the_other(follower: Follower) -> None:
    old = follower.secret
    follower.subscribe()
    follower.completed()
    follower.receivers.answer(follower.url, DOWN)
    follower.deliver()
    follower.secret = a_secret("the next one")
    follower.subscribe()
    follower.subscribe()
    follower.deliver()
    callback = follower.received()[-1]
    assert len(callback.headers["webhook-signature"].split()) == 2
    assert verified(callback, old) == verified(callback, follower.secret)
    follower.sql(
        "UPDATE event_subscriptions SET previous_until = now() - interval '1 s'"
        " WHERE project_id = 'PROJECT'"
    )
    follower.completed()
    follower.deliver()
    callback = follower.received()[-1]
    assert len(callback.headers["webhook-signature"].split()) == 1
    assert verified(callback, follower.secret)


def behind(follower: Follower, cursor: str) -> list[str]:
    """Tasks of what a poll finds behind a cursor."""
    params = {"name": "task.updated", "cursor": cursor}
    events = follower.client.result("events/poll", params)["events"]
    return [each["data"]["task_id"] for each in events]


def test_a_cursor_says_up_to_where_nothing_is_missing(follower: Follower) -> None:
    follower.subscribe()
    first = follower.completed()
    follower.receivers.answer(follower.url, DOWN)
    follower.deliver()
    assert behind(follower, follower.subscribe()["cursor"]) == [first]
    follower.sql(
        "UPDATE deliveries SET next_attempt_at = now() + interval '1 hour'"
        " WHERE project_id = 'PROJECT'"
    )
    second = follower.completed()
    follower.deliver()
    (event,) = [each for each in follower.told() if each["data"]["task_id"] == second]
    assert behind(follower, event["cursor"]) == [first, second]


def test_what_happened_before_it_is_replayed_from_a_cursor(follower: Follower) -> None:
    cursor = follower.client.result("events/poll", {"name": "task.updated"})["cursor"]
    tasks = [follower.completed(), follower.completed()]
    assert follower.subscribe(cursor=cursor)["truncated"] is False
    follower.deliver()
    assert {event["data"]["task_id"] for event in follower.told()} == set(tasks)
    follower.subscribe(cursor=cursor)
    follower.deliver()
    assert len(follower.received()) == 2, "a live one has no second start"
    follower.unsubscribe()
    follower.subscribe(cursor=cursor)
    follower.deliver()
    bodies = [callback.body for callback in follower.received()]
    assert sorted(bodies[2:]) == sorted(bodies[:2])
    assert follower.subscribe("task.failed", cursor="unreadable")["truncated"] is True


def test_an_event_in_flight_while_it_subscribes_is_not_lost(follower: Follower) -> None:
    driver = follower.driver
    session = driver.session()
    with psycopg.connect(driver.dsn) as writer:
        writer.execute(
            "INSERT INTO events (project_id, session_id, seq, type, data)"
            " VALUES (%s, %s, 1000, 'task.completed', '{}')",
            [driver.project_id, session],
        )
        waited: list[float] = []

        def commit(*, timeout_s: float) -> None:
            waited.append(timeout_s)
            writer.commit()

        driver.api.subscriptions.log.wait_for_change = commit
        assert follower.subscribe()["truncated"] is False
    assert waited
    follower.deliver()
    assert len(follower.received()) == 1


def test_a_grant_that_is_over_sends_nothing_more(follower: Follower) -> None:
    follower.subscribe()
    follower.completed()
    follower.sql(
        "UPDATE event_subscriptions SET expires_at = now() - interval '1 s'"
        " WHERE project_id = 'PROJECT'"
    )
    follower.completed()
    follower.deliver()
    assert follower.received() == []
    assert [row[0] for row in follower.deliveries()] == ["dead"]


def test_a_long_grant_outlives_every_process(follower: Follower) -> None:
    driver = follower.driver
    follower.subscribe(ttlMs=30 * 86_400_000)
    follower.sql(
        "UPDATE event_subscriptions SET expires_at = expires_at - interval '29 days'"
        " WHERE project_id = 'PROJECT'"
    )
    restarted = ApiDriver(driver.dsn, project_id=driver.project_id, outside=driver.outside)
    after = replace(follower, driver=restarted)
    after.completed()
    after.deliver()
    assert len(after.told()) == 1


def test_a_revoked_key_ends_what_it_subscribed_to_and_a_rotated_one_does_not(
    follower: Follower,
) -> None:
    driver = follower.driver
    follower.subscribe()
    (key_id,) = [each["key_id"] for each in driver.get("/v1/keys").body["items"]]
    rotated = driver.post(f"/v1/keys/{key_id}/rotate", {}).body
    driver.key = rotated["key"]
    follower.completed()
    follower.deliver()
    assert len(follower.received()) == 1
    assert driver.call("DELETE", f"/v1/keys/{key_id}").status == 200
    follower.completed()
    follower.deliver()
    assert len(follower.received()) == 1
    assert follower.sql(
        "SELECT ended_at IS NOT NULL FROM event_subscriptions WHERE project_id = 'PROJECT'"
    ) == [(True,)]
    follower.completed()
    ended = ["delivered", "delivered", "dead"]
    assert [row[0] for row in follower.deliveries()] == ended, "the second tells that it has ended"


def test_who_follows_a_deleted_session_alone_follows_nothing_any_more(follower: Follower) -> None:
    driver = follower.driver
    session = driver.session()
    task = follower.completed(session)
    of_session = follower.subscribe(arguments={"session_id": session})["id"]
    of_task = follower.subscribe(arguments={"task_id": task})["id"]
    of_all = follower.subscribe()["id"]
    assert driver.call("DELETE", f"/v1/sessions/{session}").status == 200
    listed = driver.get("/v1/subscriptions").body["items"]
    assert {each["subscription_id"]: each["status"] for each in listed} == {
        of_session: "ended",
        of_task: "ended",
        of_all: "active",
    }


def test_an_owner_sees_what_is_followed_and_ends_it(follower: Follower) -> None:
    driver = follower.driver
    subscription_id = follower.subscribe(arguments={"agent": "researcher"})["id"]
    follower.completed()
    follower.receivers.answer(follower.url, *[DOWN] * 5)
    for _ in range(5):
        follower.deliver()
        follower.time_passes()
    (listed,) = driver.get("/v1/subscriptions").body["items"]
    assert listed["subscription_id"] == subscription_id
    assert listed["host"] in follower.url
    assert "k=1" not in str(listed)
    assert (listed["status"], listed["waiting"]) == ("suspended", 1)
    assert (listed["last_error"], listed["arguments"]) == ("http_5xx", {"agent": "researcher"})
    other = driver.other_project()
    path = f"/v1/subscriptions/{subscription_id}"
    assert other.get("/v1/subscriptions").body["items"] == []
    assert other.call("DELETE", path).body["code"] == "subscription_not_found"
    assert driver.call("DELETE", path).body == {"ended": subscription_id}
    follower.deliver()
    assert len(follower.received()) == 5
    (ended,) = driver.get("/v1/subscriptions").body["items"]
    assert (ended["status"], ended["waiting"]) == ("ended", 0)
    assert follower.subscribe(arguments={"agent": "researcher"})["id"] == subscription_id
    task = follower.completed()
    follower.deliver()
    assert [each["data"]["task_id"] for each in follower.told()][-1] == task
