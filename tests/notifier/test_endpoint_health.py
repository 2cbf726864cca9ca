"""Endpoints that refuse, rest, or are slow; and their neighbours."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from aiwebhook.domain.delivery import Answered, DeliveryUnanswered, SendFailure
from aiwebhook.ports.deliveries import Callback
from aiwebhook.ports.queue_rows import Completion
from aiwebhook.postgres.outbox_store import PostgresOutboxStore
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.reap import ReaperServices, reap
from tests.support.fakes import FakePublisher, FakeWaker
from tests.support.notifier import ANY_SHARE, NotifierDriver

BROKEN = Answered(status=500)
TIMEOUT = DeliveryUnanswered(fault=SendFailure.TIMEOUT, detail="slow")


def seconds(wait: timedelta) -> float:
    return wait.total_seconds()


@pytest.mark.req("N3")
def test_410_disables_the_endpoint_and_what_it_has_waiting_is_held_and_goes_on_later(
    notifier: NotifierDriver,
) -> None:
    endpoint = notifier.register()
    first, second = notifier.deliver_to(endpoint), notifier.deliver_to(endpoint)
    notifier.sender.answer(endpoint["url"], Answered(status=410))
    notifier.notify(first)
    notifier.notify(second)
    assert len(notifier.sender.sent) == 1
    now = notifier.endpoint_now(endpoint)
    assert (now["status"], now["disabled_reason"]) == (
        "disabled",
        "HTTP 410: the receiver wants no more",
    )
    assert [notifier.delivery(n)["status"] for n in (first, second)] == ["held", "held"]
    alerts = notifier.sql("SELECT type FROM events WHERE type LIKE '%%d'AND data ? 'reason'")
    assert [alert["type"] for alert in alerts] == ["endpoint.disabled"]
    notifier.sql("UPDATE endpoints SET status = 'active' WHERE project_id = %(project_id)s")
    released = notifier.deliveries_store.release_held_deliveries(
        project_id=notifier.project_id, endpoint_id=endpoint["endpoint_id"]
    )
    assert sorted(due.event_no for due in released) == [first, second]
    notifier.notify(first, second)
    assert [notifier.delivery(n)["status"] for n in (first, second)] == ["delivered"] * 2


@pytest.mark.req("N3")
def test_a_resting_endpoint_gets_nothing_and_is_charged_nothing(notifier: NotifierDriver) -> None:
    endpoint = notifier.register(failures=4)
    first, second = notifier.deliver_to(endpoint), notifier.deliver_to(endpoint)
    notifier.sender.answer(endpoint["url"], BROKEN)
    notifier.notify(first)
    assert 25 < seconds(notifier.endpoint_now(endpoint)["rest"]) <= 30
    notifier.notify(second)
    row = notifier.delivery(second)
    assert (row["status"], row["attempts"], row["leased_until"]) == ("pending", 0, None)
    assert seconds(row["wait"]) > 25
    assert len(notifier.sender.sent) == 1


@pytest.mark.req("N3")
def test_after_its_rest_one_probe_goes_out_and_its_success_lets_all_go_on(
    notifier: NotifierDriver,
) -> None:
    endpoint = notifier.register(failures=6, breaker_open_until="2020-01-01T00:00:00Z")
    events = [notifier.deliver_to(endpoint) for _ in range(3)]

    def another_looks(_: Callback) -> None:
        notifier.sender.before = None
        notifier.notify(*events, services=notifier.services(store=notifier.another_store()))

    notifier.sender.before = another_looks
    notifier.notify(*events)
    assert len(notifier.sender.sent) == 1
    now = notifier.endpoint_now(endpoint)
    assert (now["failures"], now["breaker_open_until"]) == (0, None)
    notifier.time_passes()
    notifier.notify(*events)
    assert len(notifier.sender.sent) == 3


@pytest.mark.req("N3")
def test_a_probe_that_fails_makes_the_rest_longer(notifier: NotifierDriver) -> None:
    endpoint = notifier.register(failures=5, breaker_open_until="2020-01-01T00:00:00Z")
    notifier.sender.answer(endpoint["url"], BROKEN)
    notifier.notify(notifier.deliver_to(endpoint))
    now = notifier.endpoint_now(endpoint)
    assert now["failures"] == 6
    assert 55 < seconds(now["rest"]) <= 60


@pytest.mark.req("N3")
def test_two_notifiers_at_once_probe_once(notifier: NotifierDriver) -> None:
    endpoint = notifier.register(failures=6, breaker_open_until="2020-01-01T00:00:00Z")
    events = [notifier.deliver_to(endpoint) for _ in range(4)]
    start = threading.Barrier(4)

    def work(event_no: int) -> int:
        store = notifier.another_store()
        start.wait(timeout=30)
        claimed = store.claim_deliveries(
            project_id=notifier.project_id, event_nos=[event_no], limit=10, within=ANY_SHARE
        )
        return len(claimed.deliveries)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, events)) == 1


@pytest.mark.req("N3")
def test_a_slow_receiver_delays_nobody_else(notifier: NotifierDriver) -> None:
    slow, quick = notifier.register(), notifier.register()
    others_done = threading.Event()
    events = [notifier.deliver_to(slow) for _ in range(6)]
    events += [notifier.deliver_to(quick) for _ in range(6)]

    def hold(callback: Callback) -> None:
        if callback.url == slow["url"]:
            # Would never end, did the quick ones wait for the slow one.
            assert others_done.wait(timeout=30)
        elif notifier.sender.urls.count(quick["url"]) == 5:
            others_done.set()

    notifier.sender.before = hold
    report = notifier.notify(*events)
    assert len(report.attempts) == 12


@pytest.mark.req("N3")
def test_after_a_timeout_the_rest_is_spared_the_receiver_uncharged(
    notifier: NotifierDriver,
) -> None:
    endpoint = notifier.register()
    events = [notifier.deliver_to(endpoint) for _ in range(8)]
    notifier.sender.answer(endpoint["url"], *[TIMEOUT] * 8)
    report = notifier.notify(*events)
    assert len(notifier.sender.sent) == 2  # one in each of its two lanes
    assert report.postponed == 6
    rows = [notifier.delivery(event_no) for event_no in events]
    assert sorted(row["attempts"] for row in rows) == [0] * 6 + [1] * 2
    assert all(row["leased_until"] is None for row in rows)
    assert all(seconds(row["wait"]) > 50 for row in rows)


@pytest.mark.req("N3")
def test_what_happens_while_an_endpoint_is_disabled_is_held_for_it(
    notifier: NotifierDriver,
) -> None:
    endpoint = notifier.register(status="disabled")
    notifier.enqueue("job", callback_url="https://own.example.com/")
    complete_run(notifier.store, notifier.running(), Completion(output={}))
    by_url = {row["url"]: row["status"] for row in notifier.deliveries()}
    assert by_url == {endpoint["url"]: "held", "https://own.example.com/": "pending"}


@pytest.mark.req("N3")
def test_the_reaper_rings_for_callbacks_that_are_due(notifier: NotifierDriver) -> None:
    event_no = notifier.deliver_to(notifier.register())
    notifier.time_passes()
    services = ReaperServices(
        store=notifier.store,
        outbox=PostgresOutboxStore(notifier.database),
        waker=FakeWaker(),
        publisher=FakePublisher(),
        deliveries=notifier.deliveries_store,
        ringer=notifier.ringer,
        random=lambda: 0.5,
    )
    assert reap(services).callbacks_rung == 1
    assert notifier.ringer.rung == [(notifier.project_id, event_no, 0)]
