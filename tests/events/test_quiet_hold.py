"""A chat that is used is let be, and what becomes of one task in a moment wakes it once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aiwebhook.domain.quiet_hold import APART_S, HELD_S, QUIET_S, EventTiming, Hold, Replaced, hold
from tests.support.follower import Follower
from tests.support.mcp import McpClient
from tests.support.oauth import Connecting
from tests.support.session_api import BRIEF

pytestmark = pytest.mark.req("N6")
NOW = datetime(2026, 12, 1, tzinfo=UTC)
LOGS = (
    "SELECT d.log -> -1 ->> 'error' FROM deliveries d WHERE d.project_id = 'PROJECT'"
    " AND d.status = 'dead'"
)


def ago(seconds: float) -> datetime:
    """So long before NOW."""
    return NOW - timedelta(seconds=seconds)


@pytest.fixture
def chat(follower: Follower) -> Follower:
    """One that loses what comes while it is used."""
    follower.driver.letting_be(follower.url.split("/")[2])
    follower.subscribe()
    return follower


def states(follower: Follower) -> list[str]:
    """Of its deliveries, oldest event first."""
    return [status for status, _, _ in follower.deliveries()]


def test_an_event_waits_until_its_chat_has_been_silent(chat: Follower) -> None:
    chat.completed()
    chat.deliver()
    assert chat.received() == []
    ((status, attempts, wait_s),) = chat.deliveries()
    assert (status, attempts) == ("pending", 0)
    assert QUIET_S - 30 < wait_s <= QUIET_S
    assert chat.driver.outside.ringer.rung[-1][2] == pytest.approx(QUIET_S, abs=30)
    chat.silent_for(60)
    chat.client.result("tools/list")
    chat.time_passes()
    chat.deliver()
    assert chat.received() == [], "it was used again"
    chat.silent_for(QUIET_S)
    chat.deliver()
    assert len(chat.told()) == 1


def test_a_chat_that_is_never_silent_still_gets_its_events(chat: Follower) -> None:
    chat.completed()
    chat.silent_for(HELD_S + 1)
    chat.client.result("tools/list")
    chat.deliver()
    assert len(chat.told()) == 1


def test_what_a_tool_has_told_meanwhile_does_not_wake(chat: Follower) -> None:
    session = chat.driver.session()
    asked, in_passing = chat.completed(session), chat.completed(session)
    told = chat.client.tool("get_task", task=asked)
    assert told["data"]["status"] == "completed"
    assert states(chat) == ["dead", "dead"], "the reply carried news of the other one too"
    later = chat.completed(session)
    chat.silent_for(QUIET_S)
    chat.deliver()
    assert [event["data"]["task_id"] for event in chat.told()] == [later]
    left = chat.client.tool("get_updates", session=session)["updates"]
    assert [each["task_id"] for each in left] == [asked, in_passing, later], "nobody acknowledged"
    assert {row[0] for row in chat.sql(LOGS)} == {"a tool has told it meanwhile"}


def test_what_another_connection_was_told_this_one_was_not(chat: Follower) -> None:
    token = Connecting(driver=chat.driver).connected()["access_token"]
    task = chat.completed()
    McpClient(driver=chat.driver, token=token).tool("get_task", task=task)
    assert chat.driver.get(f"/v1/tasks/{task}").status == 200
    assert states(chat) == ["pending"]
    chat.silent_for(QUIET_S)
    chat.deliver()
    assert len(chat.told()) == 1


def test_others_are_told_at_once_whatever_a_tool_says(follower: Follower) -> None:
    follower.subscribe()
    task = follower.completed()
    follower.client.tool("get_task", task=task)
    follower.deliver()
    assert len(follower.told()) == 1


def again(follower: Follower, task: str, action: str = "fail") -> None:
    """The task once more, to another end."""
    follower.driver.post(f"/v1/tasks/{task}/retry", {})
    end(follower, action)


def end(follower: Follower, action: str) -> None:
    """The only task that waits ends."""
    failed = {"error_class": "bad_luck", "message": "It rained.", "retryable": False}
    run = follower.driver.claim()
    assert run.post(action, {"output": BRIEF} if action == "complete" else failed).status == 200


def test_the_first_event_of_a_task_goes_at_once_and_later_ones_give_way_to_the_newest(
    follower: Follower,
) -> None:
    follower.subscribe()
    task = follower.driver.task(max_attempts=1)
    end(follower, "fail")
    follower.deliver()
    again(follower, task)
    follower.deliver()
    again(follower, task, "complete")
    follower.deliver()
    assert [event["data"]["status"] for event in follower.told()] == ["failed"]
    assert states(follower) == ["delivered", "pending", "pending"]
    follower.completed()
    follower.deliver()
    assert len(follower.told()) == 2, "another task does not wait for it"
    follower.silent_for(APART_S)
    follower.deliver()
    assert [event["data"]["status"] for event in follower.told()] == [
        "failed",
        "completed",
        "completed",
    ]
    assert follower.sql(LOGS) == [("gave way to a newer event of the task",)]


def test_two_documents_of_a_task_are_two_events(follower: Follower) -> None:
    follower.subscribe("artifact.created")
    follower.driver.task()
    run = follower.driver.claim()
    for name in ("plan.md", "cost.md"):
        run.post("artifacts", {"name": name, "type": "report", "content": "x"})
    follower.deliver()
    assert len(follower.told()) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"called_at": ago(10)}, None),
        ({"quiet": True}, None),
        ({"quiet": True, "called_at": ago(10)}, Hold(for_s=80)),
        ({"quiet": True, "called_at": ago(90)}, None),
        ({"quiet": True, "called_at": ago(1), "written_at": ago(290)}, Hold(for_s=10)),
        ({"quiet": True, "called_at": ago(1), "written_at": ago(300)}, None),
        ({"sent_at": ago(2)}, Hold(for_s=3)),
        ({"sent_at": ago(5)}, None),
        ({"quiet": True, "called_at": ago(1), "sent_at": ago(2)}, Hold(for_s=89)),
        ({"quiet": True, "called_at": ago(1), "replaced": True}, Replaced()),
    ],
)
def test_what_keeps_an_event_from_being_sent(
    changes: Mapping[str, Any], expected: Hold | Replaced | None
) -> None:
    timing = EventTiming(quiet=False, written_at=NOW, called_at=None, sent_at=None, replaced=False)
    assert hold(replace(timing, **changes), now=NOW) == expected
