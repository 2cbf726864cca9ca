from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from aiwebhook.domain.delivery import Answered, DeliveryAction, DeliveryUnanswered, SendFailure
from aiwebhook.domain.lane import Lane
from aiwebhook.errors import Unavailable
from aiwebhook.ports.deliveries import Callback, DueEvent
from aiwebhook.ports.queue_rows import Completion
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.deliver_callback import deliver_callbacks
from tests.support.notifier import ANY_SHARE, KEYS, NotifierDriver

BROKEN = Answered(status=500)
TIMEOUT = DeliveryUnanswered(fault=SendFailure.TIMEOUT, detail="slow")


def seconds(wait: timedelta) -> float:
    return wait.total_seconds()


@pytest.mark.req("N1")
def test_every_endpoint_gets_a_callback_the_official_library_accepts(
    notifier: NotifierDriver,
) -> None:
    endpoints = [notifier.register(), notifier.register()]
    event_no = notifier.deliver_to(*endpoints)
    report = notifier.notify(event_no)
    assert [attempt.action for attempt in report.attempts] == [DeliveryAction.DELIVERED] * 2
    by_url = {callback.url: callback for callback in notifier.sender.sent}
    for endpoint in endpoints:
        callback = by_url[endpoint["url"]]
        secret = KEYS.secret(endpoint["endpoint_id"], 1)
        assert Webhook(secret).verify(callback.body, dict(callback.headers)) == json.loads(
            callback.body
        )


@pytest.mark.req("N3")
def test_the_message_id_is_the_delivery_and_stays_over_retries(notifier: NotifierDriver) -> None:
    endpoint = notifier.register()
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
    endpoint = notifier.register(secret_version=2, previous_secret_until="2099-01-01T00:00:00Z")
    notifier.notify(notifier.deliver_to(endpoint))
    [callback] = notifier.sender.sent
    for version in (1, 2):
        secret = KEYS.secret(endpoint["endpoint_id"], version)
        Webhook(secret).verify(callback.body, dict(callback.headers))


@pytest.mark.req("N3")
def test_after_the_rotation_one_signs(notifier: NotifierDriver) -> None:
    endpoint = notifier.register(secret_version=2, previous_secret_until="2020-01-01T00:00:00Z")
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
    event_no = notifier.deliver_to(notifier.register())
    notifier.notify(event_no, event_no)
    notifier.notify(event_no)
    assert len(notifier.sender.sent) == 1


@pytest.mark.req("N3")
def test_two_notifiers_at_once_send_once(notifier: NotifierDriver) -> None:
    events = [notifier.deliver_to(notifier.register()) for _ in range(10)]
    due = [DueEvent(project_id=notifier.project_id, event_no=event_no) for event_no in events]
    start = threading.Barrier(4)

    def work(number: int) -> None:
        services = notifier.services(store=notifier.another_store())
        start.wait(timeout=30)
        deliver_callbacks(due if number % 2 else reversed(due), services, Lane.FIRST)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    ids = [callback.headers["webhook-id"] for callback in notifier.sender.sent]
    assert len(ids) == len(set(ids)) == 10
    assert {row["status"] for row in notifier.deliveries()} == {"delivered"}


@pytest.mark.req("N3")
def test_a_sender_that_was_overtaken_writes_nothing(notifier: NotifierDriver) -> None:
    endpoint = notifier.register()
    event_no = notifier.deliver_to(endpoint)

    def overtaken(callback: Callback) -> None:
        notifier.sender.before = None
        other = NotifierDriver.services(notifier, store=notifier.another_store())
        notifier.time_passes()
        deliver_callbacks(
            [DueEvent(project_id=notifier.project_id, event_no=event_no)], other, Lane.FIRST
        )

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
    event_no = notifier.deliver_to(notifier.register())
    claimed = notifier.deliveries_store.claim_deliveries(
        project_id=notifier.project_id, event_nos=[event_no], limit=10, within=ANY_SHARE
    )
    assert len(claimed.deliveries) == 1
    notifier.notify(event_no)
    assert notifier.sender.sent == []
    notifier.time_passes()
    notifier.notify(event_no)
    row = notifier.delivery(event_no)
    assert (row["status"], row["attempts"]) == ("delivered", 2)


@pytest.mark.req("N3")
def test_nothing_is_begun_after_the_budget_of_the_batch(notifier: NotifierDriver) -> None:
    events = [notifier.deliver_to(notifier.register()) for _ in range(3)]
    due = [DueEvent(project_id=notifier.project_id, event_no=event_no) for event_no in events]
    report = deliver_callbacks(due, notifier.services(budget_s=0.0), Lane.FIRST)
    assert (report.attempts, report.postponed) == ((), 3)
    assert notifier.sender.sent == []


@pytest.mark.req("N3")
def test_a_refused_address_is_dead_at_once_and_says_nothing_about_the_endpoint(
    notifier: NotifierDriver,
) -> None:
    endpoint = notifier.register()
    event_no = notifier.deliver_to(endpoint)
    refused = DeliveryUnanswered(fault=SendFailure.REFUSED, detail="10.0.0.1 is private")
    notifier.sender.answer(endpoint["url"], refused)
    notifier.notify(event_no)
    row = notifier.delivery(event_no)
    assert (row["status"], row["attempts"]) == ("dead", 1)
    assert row["log"][0]["error"] == "refused: 10.0.0.1 is private"
    now = notifier.endpoint_now(endpoint)
    assert (now["status"], now["failures"]) == ("active", 0)


@pytest.mark.req("N3")
def test_a_sender_that_breaks_costs_an_attempt_and_not_the_batch(notifier: NotifierDriver) -> None:
    broken, fine = notifier.register(), notifier.register()
    event_no = notifier.deliver_to(broken, fine)

    def breaks(callback: Callback) -> None:
        if callback.url == broken["url"]:
            raise KeyError("a fault of ours")

    notifier.sender.before = breaks
    report = notifier.notify(event_no)
    assert sorted(attempt.action for attempt in report.attempts) == ["delivered", "retry"]


@pytest.mark.req("N3")
def test_the_log_has_a_line_per_attempt(notifier: NotifierDriver) -> None:
    endpoint = notifier.register()
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
    event_no = notifier.deliver_to(notifier.register())
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

        def release_callback_slots(self) -> None:
            raise Unavailable("The database does not answer.")

    event = DueEvent(project_id=notifier.project_id, event_no=1)
    report = deliver_callbacks([event], notifier.services(store=Away()), Lane.FIRST)
    assert report.failed == {event}


@pytest.mark.req("N3")
def test_a_database_that_goes_away_meanwhile_gives_the_message_back(
    notifier: NotifierDriver,
) -> None:
    event_no = notifier.deliver_to(notifier.register())
    store = notifier.deliveries_store

    class Forgetful:
        claim_deliveries = store.claim_deliveries
        release_callback_slots = store.release_callback_slots
        find_waiting_events = store.find_waiting_events

        def settle_delivery(self, *_: object) -> list[bool]:
            raise Unavailable("The database does not answer.")

    event = DueEvent(project_id=notifier.project_id, event_no=event_no)
    report = deliver_callbacks([event], notifier.services(store=Forgetful()), Lane.FIRST)
    assert report.failed == {event}
    notifier.time_passes()
    notifier.notify(event_no)
    assert notifier.delivery(event_no)["status"] == "delivered"


@pytest.mark.req("O7")
def test_a_message_naming_another_project_finds_nothing(notifier: NotifierDriver) -> None:
    event_no = notifier.deliver_to(notifier.register())
    deliver_callbacks(
        [DueEvent(project_id="other", event_no=event_no)], notifier.services(), Lane.FIRST
    )
    assert notifier.sender.sent == []


@pytest.mark.req("N1")
def test_a_finished_run_calls_back_its_endpoints_and_its_own_url(notifier: NotifierDriver) -> None:
    endpoint = notifier.register()
    notifier.enqueue("job", callback_url="https://own.example.com/")
    run = notifier.running()
    complete_run(notifier.store, run, Completion(output={"n": 1}, say="Done."))
    events = {row["event_no"] for row in notifier.deliveries()}
    notifier.notify(*events)
    assert sorted(notifier.sender.urls) == sorted([endpoint["url"], "https://own.example.com/"])
    for callback in notifier.sender.sent:
        told = json.loads(callback.body)
        assert told["type"] == "task.completed"
        assert (told["data"]["task_id"], told["data"]["say"]) == ("job", "Done.")
        assert told["data"]["result_url"] == "/v1/tasks/job"
