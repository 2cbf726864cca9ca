"""A thousand subscriptions of twenty principals."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from aiwebhook.domain.lane import Lane
from tests.support.follower import Follower
from tests.support.mcp_receiver import verified
from tests.support.session_api import ApiDriver

pytestmark = [pytest.mark.events, pytest.mark.req("N6")]
PRINCIPALS, EACH = 20, 50


@pytest.fixture
def everybody(module_database: str) -> Generator[list[Follower]]:
    """One of each principal, with connections and receivers of its own."""
    followers = [Follower(driver=ApiDriver(module_database)) for _ in range(PRINCIPALS)]
    yield followers
    for follower in followers:
        follower.driver.outside.close()


def places(follower: Follower) -> list[Follower]:
    """The same with each of its callback URLs."""
    return [replace(follower, url=f"{follower.url}&n={number}") for number in range(EACH)]


def test_each_of_a_thousand_subscribers_gets_its_own_events_once(
    everybody: list[Follower],
) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(subscribe_all, everybody))
        refusals = list(pool.map(the_next, everybody))
    assert refusals == [(-32013, {"limit": "subscriptions", "max": EACH})] * PRINCIPALS
    (row,) = everybody[0].driver.sql(
        "SELECT count(*), count(DISTINCT subscription_id) FROM event_subscriptions"
    )
    assert row == (PRINCIPALS * EACH, PRINCIPALS * EACH)
    with ThreadPoolExecutor(4) as pool:
        tasks = list(pool.map(happen, everybody))
    for follower, task in zip(everybody, tasks, strict=True):
        for place in places(follower):
            (callback,) = place.received()
            assert verified(callback, follower.secret)["data"]["task_id"] == task
        assert len(follower.receivers.sent) == 2 * EACH, "a challenge and an event each"


def subscribe_all(follower: Follower) -> None:
    for place in places(follower):
        place.subscribe()


def the_next(follower: Follower) -> tuple[int, object]:
    """How the fifty-first is refused; nobody is asked for it."""
    one_more = replace(follower, url=f"{follower.url}&n={EACH}")
    error = one_more.refusal()
    assert follower.receivers.challenges(one_more.url) == []
    return error["code"], error["data"]


def happen(follower: Follower) -> str:
    """A task ends, and everybody who follows is told."""
    task = follower.completed()
    follower.deliver(Lane.RETRY)
    return task
