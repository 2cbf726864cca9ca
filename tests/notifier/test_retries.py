"""The ladder on real rows, its end, and who rings for the next step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aiwebhook.domain.delivery import Answered, DeliveryUnanswered, SendFailure
from aiwebhook.usecases.ring_due_deliveries import ring_due_deliveries
from tests.support.fakes import FakeRinger
from tests.support.notifier import ANY_SHARE, NotifierDriver

BROKEN = Answered(status=500)
TIMEOUT = DeliveryUnanswered(fault=SendFailure.TIMEOUT, detail="slow")


def seconds(wait: timedelta) -> float:
    return wait.total_seconds()


@pytest.mark.req("N3")
def test_the_whole_ladder_then_dead_with_an_alert(notifier: NotifierDriver) -> None:
    endpoint = notifier.register()
    event_no = notifier.deliver_to(endpoint)
    notifier.sender.answer(endpoint["url"], *[BROKEN] * 10)
    waits: list[float] = []
    for _ in range(9):
        notifier.notify(event_no)
        waits.append(seconds(notifier.delivery(event_no)["wait"]))
        notifier.time_passes()
    ladder = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert waits == pytest.approx(ladder, rel=0.02, abs=3)
    notifier.notify(event_no)
    row = notifier.delivery(event_no)
    assert (row["status"], row["attempts"], len(row["log"])) == ("dead", 10, 10)
    assert row["next_attempt_at"] is None
    alerts = notifier.sql(
        "SELECT e.type, e.data, e.correlation_id FROM events e JOIN outbox o USING (event_no)"
        " WHERE e.project_id = %(project_id)s ORDER BY e.type"
    )
    assert [alert["type"] for alert in alerts] == ["delivery.dead", "endpoint.disabled"]
    assert alerts[0]["data"]["delivery_id"] == row["delivery_id"]
    assert alerts[0]["correlation_id"] == "c"
    notifier.time_passes()
    notifier.notify(event_no)
    assert len(notifier.sender.sent) == 10


@pytest.mark.req("N3")
def test_an_endpoint_that_took_something_meanwhile_is_not_disabled(
    notifier: NotifierDriver,
) -> None:
    endpoint = notifier.register()
    notifier.notify(notifier.deliver_to(endpoint))
    event_no = notifier.deliver_to(endpoint)
    notifier.sql(
        "UPDATE deliveries SET attempts = 9 WHERE event_no = %(event_no)s", event_no=event_no
    )
    notifier.sender.answer(endpoint["url"], BROKEN)
    notifier.notify(event_no)
    assert notifier.delivery(event_no)["status"] == "dead"
    assert notifier.endpoint_now(endpoint)["status"] == "active"


@pytest.mark.req("N3")
def test_short_waits_ring_by_the_queue_and_long_ones_do_not(notifier: NotifierDriver) -> None:
    endpoint = notifier.register()
    event_no = notifier.deliver_to(endpoint)
    notifier.sender.answer(endpoint["url"], *[BROKEN] * 4)
    for _ in range(4):
        notifier.notify(event_no)
        notifier.time_passes()
    assert notifier.ringer.rung == [
        (notifier.project_id, event_no, 5),
        (notifier.project_id, event_no, 300),
    ]


@pytest.mark.req("N3")
def test_the_reaper_rings_for_what_is_due_and_unclaimed(notifier: NotifierDriver) -> None:
    due, fresh, later, taken = (notifier.deliver_to(notifier.register()) for _ in range(4))
    moved = "UPDATE deliveries SET next_attempt_at = now() + %(by)s WHERE event_no = %(event_no)s"
    notifier.sql(moved, by=timedelta(minutes=-1), event_no=due)
    notifier.sql(moved, by=timedelta(minutes=-1), event_no=taken)
    notifier.sql(moved, by=timedelta(minutes=1), event_no=later)
    notifier.deliveries_store.claim_deliveries(
        project_id=notifier.project_id, event_nos=[taken], limit=1, within=ANY_SHARE
    )
    ringer = FakeRinger()
    assert ring_due_deliveries(notifier.deliveries_store, ringer) == 1
    assert ringer.rung == [(notifier.project_id, due, 0)]
    assert fresh != due
    assert ring_due_deliveries(notifier.deliveries_store, FakeRinger(away=True)) == 0
