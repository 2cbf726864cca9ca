"""What a receiver is told about its subscription itself: gaps, and that it has ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aiwebhook.domain.control_message import EndReason, terminated
from aiwebhook.domain.delivery import Answered
from aiwebhook.domain.events_refusal import ErrorCodes
from aiwebhook.domain.wake_budget import OF_SUBSCRIPTION
from session_api.mcp.events.refusals import EVENTS_EXTENSION
from tests.events.test_wake_budget import remember
from tests.support.follower import Follower

pytestmark = pytest.mark.req("N6")
Json = dict[str, Any]
EARLIER = "There is earlier news too; ask for the updates."


def use_up(follower: Follower) -> None:
    """All wakes of the hour, and two more events."""
    remember(follower, OF_SUBSCRIPTION.wakes)
    follower.deliver()
    remember(follower, 2, start=50)
    follower.deliver()


def an_hour_passes(follower: Follower) -> None:
    """The wakes are back."""
    follower.sql(
        "UPDATE deliveries SET delivered_at = delivered_at - interval '1 hour'"
        " WHERE project_id = 'PROJECT'"
    )


def test_a_gap_is_reported_once_and_the_next_event_says_so_too(follower: Follower) -> None:
    follower.subscribe("memory.stored")
    use_up(follower)
    remember(follower, 3, start=60)
    follower.deliver()
    (told,) = follower.controls()
    assert told.keys() == {"type", "cursor"}
    assert told["type"] == "gap"
    (callback,) = follower.receivers.controls(follower.url)
    assert callback.headers["webhook-id"].startswith("msg_gap_")
    polled = follower.client.result(
        "events/poll", {"name": "memory.stored", "cursor": told["cursor"]}
    )
    assert len(polled["events"]) == 5, "all that was not sent lies behind its cursor"
    an_hour_passes(follower)
    remember(follower, 2, start=80)
    follower.deliver()
    first, second = [event["data"] for event in follower.told()[OF_SUBSCRIPTION.wakes :]]
    assert first["gap"] is True
    assert first["say"].endswith(EARLIER)
    assert "gap" not in second
    assert first["wakes_left"] == OF_SUBSCRIPTION.wakes - 1, "a gap is no wake"
    use_up(follower)
    assert len(follower.controls()) == 2, "another gap"


def test_a_gap_is_filled_from_its_cursor(follower: Follower) -> None:
    subscription_id = follower.subscribe("memory.stored")["id"]
    use_up(follower)
    (told,) = follower.controls()
    follower.unsubscribe("memory.stored")
    follower.driver.post(f"/v1/subscriptions/{subscription_id}/refill", {})
    follower.subscribe("memory.stored", cursor=told["cursor"])
    follower.deliver()
    assert len(follower.controls()) == 1
    assert len({event["eventId"] for event in follower.told()}) == OF_SUBSCRIPTION.wakes + 2


def test_the_first_event_after_a_restore_says_that_some_may_be_lost(follower: Follower) -> None:
    follower.subscribe("memory.stored")
    remember(follower, 1)
    follower.deliver()
    follower.driver.sql(
        "INSERT INTO feed_breaks (after_xid, resumes_at)"
        " VALUES ('9000000000000000000', '9000000000000000001')"
    )
    for start in (10, 20):
        remember(follower, 1, start=start)
        follower.deliver()
    assert [event["data"].get("gap", False) for event in follower.told()] == [False, True, False]


@pytest.mark.parametrize("status", [400, 404, 501])
def test_a_receiver_that_does_not_understand_a_message_is_not_penalised(
    follower: Follower, status: int
) -> None:
    follower.subscribe("memory.stored")
    remember(follower, OF_SUBSCRIPTION.wakes)
    follower.deliver()
    follower.receivers.answer(follower.url, Answered(status=status))
    remember(follower, 1, start=60)
    follower.deliver()
    ((state, _, _),) = follower.deliveries()[-1:]
    assert state == ("dead" if status < 500 else "pending")
    (listed,) = follower.driver.get("/v1/subscriptions").body["items"]
    assert (listed["status"], listed["last_error"] is None) == ("active", status < 500)


def test_an_owner_who_ends_a_subscription_has_its_receiver_told(follower: Follower) -> None:
    subscription_id = follower.subscribe()["id"]
    follower.completed()
    path = f"/v1/subscriptions/{subscription_id}"
    for _ in range(2):
        assert follower.driver.call("DELETE", path).body == {"ended": subscription_id}
    (listed,) = follower.driver.get("/v1/subscriptions").body["items"]
    assert (listed["status"], listed["waiting"]) == ("ended", 0)
    follower.receivers.answer(follower.url, Answered(status=503))
    for _ in range(3):
        follower.deliver()
        follower.time_passes()
    assert follower.received() == []
    first, again = follower.receivers.controls(follower.url)
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.headers["webhook-id"].startswith("msg_terminated_")
    assert first.body == again.body
    assert follower.controls()[0] == terminated(EndReason.ENDED, ErrorCodes.SKETCH)


def test_a_deleted_session_terminates_subscriptions_to_it_alone(follower: Follower) -> None:
    session = follower.driver.session()
    follower.driver.task(session)
    follower.subscribe(arguments={"session_id": session})
    follower.driver.call("DELETE", f"/v1/sessions/{session}")
    follower.deliver()
    assert [each["error"]["data"] for each in follower.controls()] == [{"kind": "session"}]


def test_a_revoked_key_terminates_at_the_next_event(follower: Follower) -> None:
    driver = follower.driver
    made = driver.post("/v1/keys", {"name": "chat", "scopes": ["commands"]}).body
    follower.token, key_id = made["key"], made["key_id"]
    follower.subscribe()
    driver.call("DELETE", f"/v1/keys/{key_id}")
    follower.completed()
    follower.deliver()
    follower.deliver()
    assert follower.received() == []
    (told,) = follower.controls()
    assert told["error"]["data"] == {"reason": "revoked"}


def test_a_removed_kind_terminates_its_subscriptions(follower: Follower) -> None:
    follower.subscribe()
    follower.sql("UPDATE event_subscriptions SET name = 'task.once' WHERE project_id = 'PROJECT'")
    follower.completed()
    follower.deliver()
    follower.deliver()
    assert follower.received() == []
    (told,) = follower.controls()
    assert (told["error"]["code"], told["error"]["data"]) == (-32011, {"kind": "event"})


def test_a_kind_that_has_grown_continues_for_earlier_subscriptions(follower: Follower) -> None:
    follower.subscribe()
    follower.sql(
        "UPDATE endpoints SET event_types = '{task.completed}' WHERE project_id = 'PROJECT'"
    )
    follower.completed()
    follower.deliver()
    assert (len(follower.told()), follower.controls()) == (1, [])


def test_who_subscribes_anew_is_not_told_that_it_had_ended(follower: Follower) -> None:
    subscription_id = follower.subscribe()["id"]
    follower.driver.task()
    follower.driver.call("DELETE", f"/v1/subscriptions/{subscription_id}")
    follower.subscribe()
    follower.deliver()
    assert follower.controls() == []


def test_a_client_that_unsubscribes_gets_no_message(follower: Follower) -> None:
    follower.subscribe()
    follower.completed()
    follower.unsubscribe()
    follower.deliver()
    assert (follower.received(), follower.controls()) == ([], [])


@pytest.mark.parametrize(
    ("codes", "undeclared", "declared"),
    [(None, -32011, -32023), (ErrorCodes.SKETCH, -32011, -32011), (ErrorCodes.SEP, -32023, -32023)],
)
def test_codes_are_those_of_the_setting_or_of_the_text_that_a_client_follows(
    follower: Follower, codes: ErrorCodes | None, undeclared: int, declared: int
) -> None:
    follower.driver.subscribing(codes=codes)
    sep: Json = {"extensions": {EVENTS_EXTENSION: {}}}
    answers = [
        replace(follower.client, capabilities=capabilities).call("events/poll", {"name": "no"})
        for capabilities in (None, sep)
    ]
    assert [answer["error"]["code"] for answer in answers] == [undeclared, declared]
