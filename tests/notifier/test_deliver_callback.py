from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from aiwebhook.domain.delivery import Action, Answered, Fault, Unanswered
from aiwebhook.errors import Unavailable
from aiwebhook.ports.deliveries import Callback, DueEvent
from aiwebhook.usecases.deliver_callback import deliver_callbacks
from aiwebhook.usecases.ring_due_deliveries import ring_due_deliveries
from tests.support.fakes import FakeRinger
from tests.support.notifier import KEYS, NotifierDriver

BROKEN = Answered(status=500)
TIMEOUT = Unanswered(fault=Fault.TIMEOUT, detail="slow")


def seconds(wait: timedelta) -> float:
    return wait.total_seconds()


@pytest.mark.req("N1")
def test_every_endpoint_gets_a_callback_the_official_library_accepts(
    notifier: NotifierDriver,
) -> None:
    endpoints = [notifier.endpoint(), notifier.endpoint()]
    event_no = notifier.deliver_to(*endpoints)
    report = notifier.notify(event_no)
    assert [attempt.action for attempt in report.attempts] == [Action.DELIVERED] * 2
    by_url = {callback.url: callback for callback in notifier.sender.sent}
    for endpoint in endpoints:
        callback = by_url[endpoint["url"]]
        secret = KEYS.secret(endpoint["endpoint_id"], 1)
        assert Webhook(secret).verify(callback.body, dict(callback.headers)) == json.loads(
            callback.body
        )


@pytest.mark.req("N3")
def test_the_message_id_is_the_delivery_and_stays_over_retries(notifier: NotifierDriver) -> None:
    endpoint = notifier.endpoint()
    event_no = notifier.deliver_to(endpoint)
    notifier.sender.answer(endpoint["url"], BROKEN, BROKEN)
    for _ in range(3):
        notifier.notify(event_no)
        notifier.time_passes()
    ids = {callback.headers["webhook-id"] for callback in notifier.sender.sent}
    assert len(notifier.sender.sent) == 3
    assert ids == {notifier.delivery(event_no)["delivery_id"]}
    assert notifier.delivery(event_no)["status"] == "delivered"


@pytest.mark.req("N3")
def test_while_the_secret_rotates_both_sign(notifier: NotifierDriver) -> None:
    endpoint = notifier.endpoint(secret_version=2, previous_secret_until="2099-01-01T00:00:00Z")
    notifier.notify(notifier.deliver_to(endpoint))
    [callback] = notifier.sender.sent
    for version in (1, 2):
        secret = KEYS.secret(endpoint["endpoint_id"], version)
        Webhook(secret).verify(callback.body, dict(callback.headers))


@pytest.mark.req("N3")
def test_after_the_rotation_one_signs(notifier: NotifierDriver) -> None:
    endpoint = notifier.endpoint(secret_version=2, previous_secret_until="2020-01-01T00:00:00Z")
    notifier.notify(notifier.deliver_to(endpoint))
    assert notifier.sender.sent[0].headers["webhook-signature"].count("v1,") == 1


@pytest.mark.req("N1")
def test_a_tasks_own_callback_url_is_signed_with_the_projects_secret(
    notifier: NotifierDriver,
) -> None:
    event_no = notifier.event(data={"say": "Done."})
    url = "https://own.example.com/"
    notifier.sql(
        "INSERT INTO deliveries (project_id, event_no, event_type, url)"
        " VALUES (%(project_id)s, %(event_no)s, 'task.completed', %(url)s)",
        event_no=event_no,
        url=url,
    )
    notifier.notify(event_no)
    [callback] = notifier.sender.sent
    secret = KEYS.project_secret(notifier.project_id)
    Webhook(secret).verify(callback.body, dict(callback.headers))
    assert callback.url == url


@pytest.mark.req("N3")
def test_the_same_message_twice_sends_once(notifier: NotifierDriver) -> None:
    event_no = notifier.deliver_to(notifier.endpoint())
    notifier.notify(event_no, event_no)
    notifier.notify(event_no)
    assert len(notifier.sender.sent) == 1


@pytest.mark.req("N3")
def test_two_notifiers_at_once_send_once(notifier: NotifierDriver) -> None:
    events = [notifier.deliver_to(notifier.endpoint()) for _ in range(10)]
    due = [DueEvent(project_id=notifier.project_id, event_no=event_no) for event_no in events]
    start = threading.Barrier(4)

    def work(number: int) -> None:
        services = notifier.services(store=notifier.another_store())
        start.wait(timeout=30)
        deliver_callbacks(due if number % 2 else reversed(due), services)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    ids = [callback.headers["webhook-id"] for callback in notifier.sender.sent]
    assert len(ids) == len(set(ids)) == 10
    assert {row["status"] for row in notifier.deliveries()} == {"delivered"}


@pytest.mark.req("N3")
def test_a_sender_that_was_overtaken_writes_nothing(notifier: NotifierDriver) -> None:
    endpoint = notifier.endpoint()
    event_no = notifier.deliver_to(endpoint)

    def overtaken(callback: Callback) -> None:
        notifier.sender.before = None
        other = NotifierDriver.services(notifier, store=notifier.another_store())
        notifier.time_passes()
        deliver_callbacks([DueEvent(project_id=notifier.project_id, event_no=event_no)], other)

    notifier.sender.answer(endpoint["url"], BROKEN)
    notifier.sender.answer(endpoint["url"], Answered(status=200))
    notifier.sender.before = overtaken
    notifier.sender.script[endpoint["url"]].reverse()  # the second sender succeeds, the first fails
    notifier.notify(event_no)
    row = notifier.delivery(event_no)
    assert (row["status"], len(row["log"])) == ("delivered", 1)
    assert notifier.endpoint_now(endpoint)["failures"] == 0


@pytest.mark.req("N3")
def test_a_crash_after_the_claim_costs_one_attempt_and_nothing_else(
    notifier: NotifierDriver,
) -> None:
    event_no = notifier.deliver_to(notifier.endpoint())
    claimed = notifier.deliveries_store.claim_deliveries(
        project_id=notifier.project_id, event_no=event_no, limit=10
    )
    assert len(claimed) == 1
    notifier.notify(event_no)
    assert notifier.sender.sent == []
    notifier.time_passes()
    notifier.notify(event_no)
    row = notifier.delivery(event_no)
    assert (row["status"], row["attempts"]) == ("delivered", 2)


@pytest.mark.req("N3")
def test_the_whole_ladder_then_dead_with_an_alert(notifier: NotifierDriver) -> None:
    endpoint = notifier.endpoint()
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
    endpoint = notifier.endpoint()
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
    endpoint = notifier.endpoint()
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
    due, fresh, later, taken = (notifier.deliver_to(notifier.endpoint()) for _ in range(4))
    moved = "UPDATE deliveries SET next_attempt_at = now() + %(by)s WHERE event_no = %(event_no)s"
    notifier.sql(moved, by=timedelta(minutes=-1), event_no=due)
    notifier.sql(moved, by=timedelta(minutes=-1), event_no=taken)
    notifier.sql(moved, by=timedelta(minutes=1), event_no=later)
    notifier.deliveries_store.claim_deliveries(
        project_id=notifier.project_id, event_no=taken, limit=1
    )
    ringer = FakeRinger()
    assert ring_due_deliveries(notifier.deliveries_store, ringer) == 1
    assert ringer.rung == [(notifier.project_id, due, 0)]
    assert fresh != due
    assert ring_due_deliveries(notifier.deliveries_store, FakeRinger(away=True)) == 0


@pytest.mark.req("N3")
def test_410_disables_the_endpoint_and_what_it_has_waiting_is_held_and_goes_on_later(
    notifier: NotifierDriver,
) -> None:
    endpoint = notifier.endpoint()
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
    released = notifier.deliveries_store.release_held(
        project_id=notifier.project_id, endpoint_id=endpoint["endpoint_id"]
    )
    assert sorted(due.event_no for due in released) == [first, second]
    notifier.notify(first, second)
    assert [notifier.delivery(n)["status"] for n in (first, second)] == ["delivered"] * 2


@pytest.mark.req("N3")
def test_a_resting_endpoint_gets_nothing_and_is_charged_nothing(notifier: NotifierDriver) -> None:
    endpoint = notifier.endpoint(failures=4)
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
    endpoint = notifier.endpoint(failures=6, breaker_open_until="2020-01-01T00:00:00Z")
    events = [notifier.deliver_to(endpoint) for _ in range(3)]
    notifier.notify(*events)
    assert len(notifier.sender.sent) == 1
    now = notifier.endpoint_now(endpoint)
    assert (now["failures"], now["breaker_open_until"]) == (0, None)
    notifier.time_passes()
    notifier.notify(*events)
    assert len(notifier.sender.sent) == 3


@pytest.mark.req("N3")
def test_a_probe_that_fails_makes_the_rest_longer(notifier: NotifierDriver) -> None:
    endpoint = notifier.endpoint(failures=5, breaker_open_until="2020-01-01T00:00:00Z")
    notifier.sender.answer(endpoint["url"], BROKEN)
    notifier.notify(notifier.deliver_to(endpoint))
    now = notifier.endpoint_now(endpoint)
    assert now["failures"] == 6
    assert 55 < seconds(now["rest"]) <= 60


@pytest.mark.req("N3")
def test_two_notifiers_at_once_probe_once(notifier: NotifierDriver) -> None:
    endpoint = notifier.endpoint(failures=6, breaker_open_until="2020-01-01T00:00:00Z")
    events = [notifier.deliver_to(endpoint) for _ in range(4)]
    start = threading.Barrier(4)

    def work(event_no: int) -> int:
        store = notifier.another_store()
        start.wait(timeout=30)
        claimed = store.claim_deliveries(
            project_id=notifier.project_id, event_no=event_no, limit=10
        )
        return len(claimed)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, events)) == 1


@pytest.mark.req("N3")
def test_a_slow_receiver_delays_nobody_else(notifier: NotifierDriver) -> None:
    slow, quick = notifier.endpoint(), notifier.endpoint()
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
    endpoint = notifier.endpoint()
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
def test_nothing_is_begun_after_the_budget_of_the_batch(notifier: NotifierDriver) -> None:
    events = [notifier.deliver_to(notifier.endpoint()) for _ in range(3)]
    due = [DueEvent(project_id=notifier.project_id, event_no=event_no) for event_no in events]
    report = deliver_callbacks(due, notifier.services(budget_s=0.0))
    assert (report.attempts, report.postponed) == ((), 3)
    assert notifier.sender.sent == []


@pytest.mark.req("N3")
def test_a_refused_address_is_dead_at_once_and_says_nothing_about_the_endpoint(
    notifier: NotifierDriver,
) -> None:
    endpoint = notifier.endpoint()
    event_no = notifier.deliver_to(endpoint)
    refused = Unanswered(fault=Fault.REFUSED, detail="10.0.0.1 is private")
    notifier.sender.answer(endpoint["url"], refused)
    notifier.notify(event_no)
    row = notifier.delivery(event_no)
    assert (row["status"], row["attempts"]) == ("dead", 1)
    assert row["log"][0]["error"] == "refused: 10.0.0.1 is private"
    now = notifier.endpoint_now(endpoint)
    assert (now["status"], now["failures"]) == ("active", 0)


@pytest.mark.req("N3")
def test_a_sender_that_breaks_costs_an_attempt_and_not_the_batch(notifier: NotifierDriver) -> None:
    broken, fine = notifier.endpoint(), notifier.endpoint()
    event_no = notifier.deliver_to(broken, fine)

    def breaks(callback: Callback) -> None:
        if callback.url == broken["url"]:
            raise KeyError("a fault of ours")

    notifier.sender.before = breaks
    report = notifier.notify(event_no)
    assert sorted(attempt.action for attempt in report.attempts) == ["delivered", "retry"]


@pytest.mark.req("N3")
def test_the_log_has_a_line_per_attempt(notifier: NotifierDriver) -> None:
    endpoint = notifier.endpoint()
    event_no = notifier.deliver_to(endpoint)
    notifier.sender.answer(
        endpoint["url"], Answered(status=500, snippet="oh \x00 no" * 1000), TIMEOUT
    )
    for _ in range(3):
        notifier.notify(event_no)
        notifier.time_passes()
    first, second, third = notifier.delivery(event_no)["log"]
    assert (first["status"], len(first["snippet"])) == (500, 1024)
    assert second["error"] == "timeout: slow"
    assert third["status"] == 200
    assert all({"at", "ms"} <= set(entry) for entry in (first, second, third))


@pytest.mark.req("N3")
@pytest.mark.parametrize("status", ["dead", "delivered", "held", "pending"])
def test_any_delivery_may_be_sent_anew_by_hand(notifier: NotifierDriver, status: str) -> None:
    event_no = notifier.deliver_to(notifier.endpoint())
    notifier.sql("UPDATE deliveries SET status = %(status)s, attempts = 10", status=status)
    delivery_id = notifier.delivery(event_no)["delivery_id"]
    store = notifier.deliveries_store
    assert store.redeliver(project_id=notifier.project_id, delivery_id=delivery_id) == event_no
    assert store.redeliver(project_id="other", delivery_id=delivery_id) is None
    notifier.notify(event_no)
    assert [callback.headers["webhook-id"] for callback in notifier.sender.sent] == [delivery_id]


@pytest.mark.req("N3")
def test_a_database_that_is_away_gives_the_message_back(notifier: NotifierDriver) -> None:
    class Away:
        def claim_deliveries(self, **_: object) -> object:
            raise Unavailable("The database does not answer.")

    event = DueEvent(project_id=notifier.project_id, event_no=1)
    report = deliver_callbacks([event], notifier.services(store=Away()))
    assert report.failed == {event}


@pytest.mark.req("N3")
def test_a_database_that_goes_away_meanwhile_gives_the_message_back(
    notifier: NotifierDriver,
) -> None:
    event_no = notifier.deliver_to(notifier.endpoint())
    store = notifier.deliveries_store

    class Forgetful:
        claim_deliveries = store.claim_deliveries

        def settle_delivery(self, _settlement: object) -> bool:
            raise Unavailable("The database does not answer.")

    event = DueEvent(project_id=notifier.project_id, event_no=event_no)
    report = deliver_callbacks([event], notifier.services(store=Forgetful()))
    assert report.failed == {event}
    notifier.time_passes()
    notifier.notify(event_no)
    assert notifier.delivery(event_no)["status"] == "delivered"


@pytest.mark.req("O7")
def test_a_message_naming_another_project_finds_nothing(notifier: NotifierDriver) -> None:
    event_no = notifier.deliver_to(notifier.endpoint())
    deliver_callbacks([DueEvent(project_id="other", event_no=event_no)], notifier.services())
    assert notifier.sender.sent == []
