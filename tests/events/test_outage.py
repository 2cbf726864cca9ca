"""A receiver that is dead for 72 hours of simulated time."""

from __future__ import annotations

import pytest

from aiwebhook.domain.delivery import Answered
from aiwebhook.domain.lane import Lane
from aiwebhook.ports.deliveries import DueEvent
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.usecases.ring_due_deliveries import ring_due_deliveries
from tests.support.commands import open_database
from tests.support.fakes import FakeRinger
from tests.support.follower import Follower
from tests.support.mcp_receiver import verified
from tests.support.simulated_time import SimulatedTime

pytestmark = pytest.mark.req("N6")
HOUR_S = 3600.0
DOWN = Answered(status=503)
STEP_S = 900.0
REAPER_S = 6.0
"""It rings for what has been due for five seconds."""


def until_due(follower: Follower) -> float:
    """Seconds until something is to be tried, and the reaper sees it."""
    (left,) = follower.sql(
        "SELECT extract(epoch FROM min(next_attempt_at) - now())::float8 FROM deliveries"
        " WHERE project_id = 'PROJECT' AND status = 'pending'"
    )
    return max(left[0] + REAPER_S, REAPER_S)


def sweep(follower: Follower) -> list[DueEvent]:
    """What the reaper rings the notifier for, in its order; the notifier does it."""
    database = open_database(follower.driver.dsn)
    ringer = FakeRinger()
    ring_due_deliveries(PostgresDeliveryStore(database), ringer)
    database.close()
    due = [
        DueEvent(project_id=project_id, event_no=event_no)
        for project_id, event_no, _ in ringer.rung
        if project_id == follower.driver.project_id
    ]
    follower.deliver_these(due, Lane.RETRY)
    return due


@pytest.mark.events
def test_nothing_is_lost_in_72_hours_and_the_oldest_is_released_first(follower: Follower) -> None:
    time = SimulatedTime(follower.driver.dsn, follower.driver.project_id)
    follower.subscribe()
    follower.receivers.answer(follower.url, *[DOWN] * 1_000)
    session = follower.driver.session()
    tasks: list[str] = []
    while time.passed_s < 72 * HOUR_S:
        if time.passed_s >= 4 * HOUR_S * len(tasks):
            tasks.append(follower.completed(session, say=f"Number {len(tasks)}."))
        sweep(follower)
        time.passes(until_due(follower))
    tries = len(follower.received())
    assert tries < 72 + 10, "after the ladder, one probe an hour at most"
    follower.receivers.script.clear()
    for _ in range(8):
        time.passes(STEP_S)
        sweep(follower)
    told = [verified(callback, follower.secret) for callback in follower.received()[tries:]]
    first = list({event["eventId"]: event["data"]["task_id"] for event in told}.values())
    assert sorted(first) == sorted(tasks), "each came"
    assert first[1:] == [each for each in tasks if each != first[0]], "behind the probe, in order"
    assert {row[0] for row in follower.deliveries()} == {"delivered"}
    bodies: dict[str, set[bytes]] = {}
    for callback in follower.received():
        bodies.setdefault(callback.headers["webhook-id"], set()).add(callback.body)
    assert {len(each) for each in bodies.values()} == {1}


def test_a_refresh_after_the_outage_releases_all_at_once_the_oldest_first(
    follower: Follower,
) -> None:
    time = SimulatedTime(follower.driver.dsn, follower.driver.project_id)
    follower.subscribe()
    follower.receivers.answer(follower.url, *[DOWN] * 100)
    tasks = [follower.completed() for _ in range(12)]
    for _ in range(12):
        time.passes(STEP_S)
        sweep(follower)
    follower.receivers.script.clear()
    before = len(follower.received())
    follower.subscribe()
    follower.deliver()
    told = [verified(callback, follower.secret) for callback in follower.received()[before:]]
    assert [event["data"]["task_id"] for event in told] == tasks
