"""A chat is woken so often and no more; what is withheld is not lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aiwebhook.domain import wake_budget
from aiwebhook.domain.delivery import Answered
from aiwebhook.domain.identity import Scope
from aiwebhook.domain.wake_budget import (
    OF_SUBSCRIPTION,
    Wake,
    WakeBudget,
    WakeLimit,
    Wakes,
    Withheld,
)
from tests.support.follower import Follower

pytestmark = pytest.mark.req("N6")
DEAD = (
    "SELECT count(*)::int FROM deliveries WHERE project_id = 'PROJECT' AND status = 'dead'"
    " AND log::text LIKE '%wake budget%'"
)


def remember(follower: Follower, number: int, start: int = 0) -> None:
    session = follower.driver.session()
    for each in range(start, start + number):
        memory = {"type": "fact", "key": f"k{each}", "content": "b"}
        follower.driver.post(f"/v1/sessions/{session}/memories", memory)


def test_the_twenty_sixth_event_of_an_hour_wakes_nobody(follower: Follower) -> None:
    follower.subscribe("memory.stored")
    remember(follower, 20)
    follower.deliver()
    remember(follower, 9, start=20)
    follower.deliver()
    told = [event["data"] for event in follower.told()]
    assert sorted(data["wakes_left"] for data in told) == list(range(OF_SUBSCRIPTION.wakes))
    assert [data["notice"] for data in told if "notice" in data] == [wake_budget.USED_UP]
    assert follower.sql(DEAD) == [(3,)]
    assert [each["type"] for each in follower.controls()] == ["gap"]
    polled = follower.client.result(
        "events/poll", {"name": "memory.stored", "cursor": follower.told()[0]["cursor"]}
    )
    assert len(polled["events"]) >= 4
    assert follower.sql(
        "SELECT last_error, failed_since FROM event_subscriptions WHERE project_id = 'PROJECT'"
    ) == [(None, None)]


def test_time_gives_wakes_back(follower: Follower) -> None:
    follower.subscribe("memory.stored")
    remember(follower, 27)
    follower.deliver()
    follower.sql(
        "UPDATE deliveries SET delivered_at = delivered_at - interval '61 minutes'"
        " WHERE project_id = 'PROJECT'"
    )
    remember(follower, 1, start=40)
    follower.deliver()
    assert len(follower.received()) == OF_SUBSCRIPTION.wakes + 1


def test_a_retry_is_the_same_wake(follower: Follower) -> None:
    follower.subscribe("memory.stored")
    follower.receivers.answer(follower.url, Answered(status=503))
    remember(follower, 1)
    follower.deliver()
    follower.time_passes()
    remember(follower, OF_SUBSCRIPTION.wakes - 1, start=1)
    follower.deliver()
    assert len(follower.received()) == OF_SUBSCRIPTION.wakes + 1
    assert len({event["eventId"] for event in follower.told()}) == OF_SUBSCRIPTION.wakes
    assert follower.sql(DEAD) == [(0,)]


def test_all_subscriptions_of_a_principal_share_a_budget(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake_budget, "OF_PRINCIPAL", WakeLimit(wakes=5, window_s=72 * 3600))
    follower.subscribe("memory.stored")
    replace(follower, url=f"{follower.url}2").subscribe("memory.stored")
    remember(follower, 4)
    follower.deliver()
    assert len([*follower.received(), *follower.receivers.events(f"{follower.url}2")]) == 5


def test_a_batch_takes_no_wake_twice() -> None:
    budget = WakeBudget()

    def take(subscription: str, wakes: int, principal: str, of_principal: int) -> Wake | Withheld:
        asked = Wakes(
            subscription_id=subscription,
            of_subscription=wakes,
            principal=principal,
            of_principal=of_principal,
            depth=0,
        )
        return budget.take(asked)

    assert [take("sub_a", 22, "person", 0) for _ in range(3)] == [
        Wake(left=2),
        Wake(left=1),
        Wake(left=0, notice=wake_budget.USED_UP),
    ]
    assert isinstance(take("sub_a", 22, "person", 0), Withheld)
    assert isinstance(take("sub_b", 0, "person", 198), Withheld)
    assert take("sub_b", 0, "another", 198) == Wake(left=1)


def test_a_person_gives_wakes_back(follower: Follower) -> None:
    driver = follower.driver
    subscription_id = follower.subscribe("memory.stored")["id"]
    replace(follower, url=f"{follower.url}2").subscribe("memory.stored")
    remember(follower, OF_SUBSCRIPTION.wakes + 1)
    follower.deliver()
    path = f"/v1/subscriptions/{subscription_id}/refill"
    assert driver.post(path, {}, token=driver.make_key(Scope.COMMANDS)).status == 403
    assert driver.other_project().post(path, {}).body["code"] == "subscription_not_found"
    assert driver.post(path, {}).body == {"refilled": subscription_id}
    remember(follower, 1, start=40)
    follower.deliver()
    assert follower.told()[-1]["data"]["wakes_left"] == OF_SUBSCRIPTION.wakes - 1
    assert len(follower.receivers.events(f"{follower.url}2")) == OF_SUBSCRIPTION.wakes + 1


def test_no_tool_gives_wakes_back(follower: Follower) -> None:
    tools = follower.client.result("tools/list")["tools"]
    assert not [tool["name"] for tool in tools if "refill" in str(tool)]
