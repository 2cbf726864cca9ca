"""A chat and its agents that wake each other come to a stop by themselves."""

from __future__ import annotations

from itertools import count

import pytest

from aiwebhook.domain.delivery import SendOutcome
from aiwebhook.domain.wake_budget import DEEPEST, TOO_DEEP
from aiwebhook.ports.deliveries import Callback
from tests.support.follower import Follower
from tests.support.mcp import McpClient
from tests.support.mcp_receiver import TAKEN, type_of
from tests.support.oauth import Connecting
from tests.support.session_api import BRIEF

pytestmark = pytest.mark.req("N6")
NEWEST_DEPTH = (
    "SELECT wake_depth::integer FROM task_payloads WHERE project_id = 'PROJECT'"
    " ORDER BY created_at DESC LIMIT 1"
)
NUMBERS = count()


def delegate(client: McpClient, session: str) -> str:
    """Another task, over MCP; its id."""
    instructions = f"Look into it, part {next(NUMBERS)}"
    told = client.tool(
        "delegate_task", agent="researcher", instructions=instructions, session=session
    )
    return told["data"]["task_id"]


def finish(follower: Follower) -> None:
    """The only task that waits ends, and whoever follows it is told."""
    assert follower.driver.claim().post("complete", {"output": BRIEF}).status == 200
    follower.deliver()


def woken(follower: Follower) -> str:
    """A session of which a task has just ended and woken the chat."""
    session = follower.driver.session()
    follower.driver.task(session)
    finish(follower)
    assert follower.received()
    return session


def depth(follower: Follower) -> int:
    """Of the task that was delegated last."""
    return follower.sql(NEWEST_DEPTH)[0][0]


@pytest.mark.parametrize("takes_a_gap_for_an_event", [False, True])
def test_a_chat_that_delegates_whenever_it_is_woken_comes_to_a_stop(
    follower: Follower, *, takes_a_gap_for_an_event: bool
) -> None:
    session, tasks = follower.driver.session(), list[str]()

    def delegates_before_it_even_answers(callback: Callback) -> SendOutcome:
        if takes_a_gap_for_an_event or type_of(callback) is None:
            tasks.append(delegate(follower.client, session))
        return TAKEN

    follower.subscribe()
    follower.receivers.answer(follower.url, *[delegates_before_it_even_answers] * 50)
    tasks.append(delegate(follower.client, session))
    ended = 0
    while ended < len(tasks):
        ended += 1
        finish(follower)
    told = [event["data"] for event in follower.told()]
    assert [each["task_id"] for each in told] == tasks[: DEEPEST + 1]
    assert [each.get("notice") for each in told] == [None] * DEEPEST + [TOO_DEEP]
    assert {each["actor"]["self"] for each in told} == {True}
    assert ended == DEEPEST + 2 + takes_a_gap_for_an_event, (
        "the last one was done like any other, and woke nobody"
    )
    news = follower.client.tool("get_updates", session=session)["updates"]
    assert [each["task_id"] for each in news] == tasks


def test_what_others_delegate_wakes_however_soon_it_comes(follower: Follower) -> None:
    driver = follower.driver
    follower.subscribe()
    session = woken(follower)
    driver.task(session)
    assert depth(follower) == 0
    finish(follower)
    other = McpClient(driver=driver, token=Connecting(driver=driver).connected()["access_token"])
    delegate(other, session)
    assert depth(follower) == 0
    finish(follower)
    assert [each["data"]["actor"]["self"] for each in follower.told()] == [False] * 3
    delegate(follower.client, session)
    assert depth(follower) == 1
    stranger = Follower(driver=driver.other_project())
    delegate(stranger.client, stranger.driver.session())
    assert depth(stranger) == 0


def test_a_chat_of_a_person_is_known_by_its_connection(follower: Follower) -> None:
    connecting = Connecting(driver=follower.driver)
    follower.token = connecting.connected(scope="commands")["access_token"]
    follower.subscribe()
    session = woken(follower)
    again = connecting.connected(scope="commands")["access_token"]
    delegate(McpClient(driver=follower.driver, token=again), session)
    assert depth(follower) == 0, "another connection of the same person"
    finish(follower)
    delegate(follower.client, session)
    assert depth(follower) == 1
    finish(follower)
    assert [each["data"]["actor"]["self"] for each in follower.told()] == [False, False, True]
    name = {"name": "task.updated", "cursor": follower.told()[0]["cursor"]}
    polled = follower.client.result("events/poll", name)["events"]
    assert [each["data"]["actor"]["self"] for each in polled] == [False, True]


@pytest.mark.parametrize("how", ["ten minutes", "a refill"])
def test_a_chain_ends_with(follower: Follower, how: str) -> None:
    subscription_id = follower.subscribe()["id"]
    session = woken(follower)
    if how == "a refill":
        follower.driver.post(f"/v1/subscriptions/{subscription_id}/refill", {})
    else:
        follower.sql(
            "UPDATE deliveries SET delivered_at = delivered_at - interval '10 minutes'"
            " WHERE project_id = 'PROJECT'"
        )
    delegate(follower.client, session)
    assert depth(follower) == 0
