"""Receivers that keep silent, in numbers, beside those who answer: counted, not timed."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from aiwebhook.domain.delivery import Answered, DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.domain.lane import Lane
from aiwebhook.ports.deliveries import Callback
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.usecases.deliver_callback import NotifierServices
from tests.support.callback_lanes import CallbackLanes, running_notifiers
from tests.support.notifier import NotifierDriver
from tests.support.queue import any_name

CONCURRENCY, SHARE = 5, 2  # of the stage `dev`
SILENT = 60  # at 150 it takes twice as long and shows no more: `make bench ARGS=callback` has 150
TIMEOUT = DeliveryUnanswered(fault=SendFailure.TIMEOUT, detail="slow")


@dataclass
class Hosts:
    """Hosts with `silent` in their name answer nothing until `give_up` is set, others at once."""

    give_up: threading.Event = field(default_factory=threading.Event)
    held: dict[str, object] = field(default_factory=dict[str, object])
    answered: list[str] = field(default_factory=list[str])
    news: threading.Condition = field(default_factory=threading.Condition)

    def send(self, callback: Callback, *, notifier: object) -> SendOutcome:
        if "silent" in callback.url:
            with self.news:
                self.held[callback.url] = notifier
                self.news.notify_all()
            assert self.give_up.wait(timeout=100)
            with self.news:
                del self.held[callback.url]
            return TIMEOUT
        with self.news:
            self.answered.append(callback.url)
            self.news.notify_all()
        return Answered(status=200)

    @property
    def notifiers_held(self) -> int:
        with self.news:
            return len(set(self.held.values()))

    def wait_for_answers(self, count: int) -> None:
        with self.news:
            assert self.news.wait_for(lambda: len(self.answered) >= count, timeout=60), (
                f"{len(self.answered)} of {count} healthy callbacks went out;"
                f" {len(self.held)} silent hosts hold places"
            )


@dataclass(frozen=True)
class SenderOf:
    """One notifier's way to the hosts."""

    hosts: Hosts
    notifier: object

    def send(self, callback: Callback, *, within_s: float = 0.0) -> SendOutcome:  # noqa: ARG002 - the port's
        return self.hosts.send(callback, notifier=self.notifier)


def to_hosts(project: NotifierDriver, urls: Sequence[str]) -> list[int]:
    """An event each with a delivery to a task's own callback URL."""
    numbers = [project.event() for _ in urls]
    for number, url in zip(numbers, urls, strict=True):
        project.sql(
            "INSERT INTO deliveries (project_id, event_no, event_type, url)"
            " VALUES (%(project_id)s, %(event_no)s, 'task.completed', %(url)s)",
            event_no=number,
            url=url,
        )
    return numbers


def silent_urls(count: int) -> list[str]:
    return [f"https://silent-{number}.example.com/hook" for number in range(count)]


@contextmanager
def notifiers(
    project: NotifierDriver, hosts: Hosts, *, share: int = SHARE, concurrency: int = CONCURRENCY
) -> Generator[CallbackLanes]:
    def services(store: PostgresDeliveryStore, lanes: CallbackLanes) -> NotifierServices:
        sender = SenderOf(hosts=hosts, notifier=store)
        return project.services(store=store, sender=sender, ringer=lanes, share=share)

    with running_notifiers(services, project.another_store, concurrency=concurrency) as lanes:
        try:
            yield lanes
        finally:
            hosts.give_up.set()


@pytest.fixture
def other(notifier: NotifierDriver) -> Iterator[NotifierDriver]:
    """Another project of the same deployment."""
    driver = NotifierDriver(notifier.dsn, project_id=any_name("other"))
    yield driver
    driver.close()


@pytest.mark.req("N3")
def test_no_first_try_of_another_project_waits_for_a_silent_host(
    notifier: NotifierDriver, other: NotifierDriver
) -> None:
    hosts = Hosts()
    silent = to_hosts(notifier, silent_urls(SILENT))
    healthy = [
        other.deliver_to(other.register(f"https://fine-{n}.example.com/")) for n in range(20)
    ]
    with notifiers(notifier, hosts) as lanes:
        for event_no in silent:
            lanes.publish(notifier.project_id, event_no)
        for event_no in healthy:
            lanes.publish(other.project_id, event_no)
        hosts.wait_for_answers(len(healthy))
        assert 0 < hosts.notifiers_held <= 2 * SHARE  # in both lanes
    assert {row["status"] for row in other.deliveries()} == {"delivered"}
    assert {row["attempts"] for row in other.deliveries()} == {1}


@pytest.mark.req("N3")
def test_nor_does_one_of_the_same_project_whose_receiver_has_answered_before(
    notifier: NotifierDriver,
) -> None:
    hosts = Hosts()
    endpoint = notifier.register("https://fine.example.com/")
    notifier.notify(notifier.deliver_to(endpoint))
    assert notifier.endpoint_now(endpoint)["responsive"] is True
    silent = to_hosts(notifier, silent_urls(SILENT))
    healthy = [notifier.deliver_to(endpoint) for _ in range(20)]
    with notifiers(notifier, hosts) as lanes:
        for event_no in [*silent, *healthy]:
            lanes.publish(notifier.project_id, event_no)
        hosts.wait_for_answers(len(healthy))
        assert 0 < hosts.notifiers_held <= 2 * SHARE


@pytest.mark.req("N3")
def test_nor_when_all_of_a_projects_receivers_fall_silent_at_once(
    notifier: NotifierDriver, other: NotifierDriver
) -> None:
    hosts = Hosts()
    urls = silent_urls(SILENT)
    notifier.sql(
        "INSERT INTO callback_hosts (project_id, host, responsive)"
        " SELECT %(project_id)s, split_part(u, '/', 3), true FROM unnest(%(urls)s::text[]) u",
        urls=urls,
    )
    silent = to_hosts(notifier, urls)
    healthy = [other.deliver_to(other.register()) for _ in range(20)]
    with notifiers(notifier, hosts) as lanes:
        for event_no in silent:
            lanes.publish(notifier.project_id, event_no)
        for event_no in healthy:
            lanes.publish(other.project_id, event_no)
        hosts.wait_for_answers(len(healthy))
        assert 0 < hosts.notifiers_held <= 2 * SHARE


@pytest.mark.req("N3")
def test_nor_does_a_retry_of_a_receiver_that_answers(
    notifier: NotifierDriver, other: NotifierDriver
) -> None:
    hosts = Hosts()
    endpoint = other.register("https://fine.example.com/", responsive=True)
    retries = [other.deliver_to(endpoint) for _ in range(10)]
    silent = to_hosts(notifier, silent_urls(SILENT))
    with notifiers(notifier, hosts) as lanes:
        for event_no in silent:
            lanes.ring(project_id=notifier.project_id, event_no=event_no)
        for event_no in retries:
            lanes.ring(project_id=other.project_id, event_no=event_no)
        hosts.wait_for_answers(len(retries))


@pytest.mark.req("N3")
def test_a_receiver_that_timed_out_starts_in_the_other_lane_until_it_answers_in_time(
    notifier: NotifierDriver,
) -> None:
    endpoint = notifier.register()
    notifier.sender.answer(endpoint["url"], TIMEOUT)
    notifier.notify(notifier.deliver_to(endpoint), lane=Lane.FIRST)
    assert notifier.endpoint_now(endpoint)["responsive"] is False
    later = notifier.deliver_to(endpoint)
    report = notifier.notify(later, lane=Lane.FIRST)
    assert (report.postponed, notifier.delivery(later)["attempts"]) == (1, 0)
    assert notifier.ringer.rung[-1] == (notifier.project_id, later, 0)
    notifier.notify(later, lane=Lane.RETRY)
    assert notifier.delivery(later)["status"] == "delivered"
    assert notifier.endpoint_now(endpoint)["responsive"] is True
    notifier.notify(again := notifier.deliver_to(endpoint), lane=Lane.FIRST)
    assert notifier.delivery(again)["status"] == "delivered"


@pytest.mark.req("N3")
def test_one_that_answers_late_keeps_to_the_patient_lane(notifier: NotifierDriver) -> None:
    endpoint = notifier.register(responsive=False)
    ticks = iter([0.0, 0.0, 7.0])
    services = notifier.services(monotonic=lambda: next(ticks, 7.0))
    event_no = notifier.deliver_to(endpoint)
    notifier.notify(event_no, services=services)
    assert notifier.delivery(event_no)["status"] == "delivered"
    assert notifier.endpoint_now(endpoint)["responsive"] is False


@pytest.mark.req("N3")
def test_a_first_try_cut_short_is_repeated_at_the_ladders_first_step(
    notifier: NotifierDriver,
) -> None:
    endpoint = notifier.register()
    notifier.sender.answer(endpoint["url"], TIMEOUT, TIMEOUT)
    event_no = notifier.deliver_to(endpoint)
    notifier.notify(event_no, lane=Lane.FIRST)
    assert notifier.delivery(event_no)["wait"].total_seconds() < 7
    notifier.time_passes()
    notifier.notify(event_no, lane=Lane.RETRY)
    assert notifier.delivery(event_no)["wait"].total_seconds() > 55


@pytest.mark.req("N3")
def test_a_first_try_gets_less_time_than_a_retry(notifier: NotifierDriver) -> None:
    limits: list[float] = []

    class Watch:
        def send(self, callback: Callback, *, within_s: float = 0.0) -> SendOutcome:  # noqa: ARG002 - the port's
            limits.append(within_s)
            return Answered(status=500)

    event_no = notifier.deliver_to(notifier.register())
    notifier.notify(event_no, sender=Watch(), lane=Lane.FIRST)
    notifier.time_passes()
    notifier.notify(event_no, sender=Watch(), lane=Lane.RETRY)
    assert limits == [5.0, 15.0]


@pytest.mark.req("N3")
def test_the_host_of_a_tasks_own_url_has_a_breaker(notifier: NotifierDriver) -> None:
    urls = [f"https://broken.example.com/{number}" for number in range(7)]
    for url in urls:
        notifier.sender.answer(url, Answered(status=500))
    events = to_hosts(notifier, urls)
    for event_no in events:
        notifier.notify(event_no, lane=Lane.FIRST)
    assert len(notifier.sender.sent) == 5
    [host] = notifier.sql("SELECT * FROM callback_hosts WHERE project_id = %(project_id)s")
    assert (host["host"], host["failures"]) == ("broken.example.com", 5)
    last = notifier.delivery(events[-1])
    assert (last["status"], last["attempts"], last["log"]) == ("pending", 0, [])
    notifier.sql("UPDATE callback_hosts SET breaker_open_until = now() - interval '1 s'")
    notifier.time_passes()
    notifier.notify(*events[5:])  # one of the two is the probe
    assert len(notifier.sender.sent) == 6


@pytest.mark.req("N3")
def test_success_of_a_healthy_host_writes_its_record_once(notifier: NotifierDriver) -> None:
    urls = [f"https://fine.example.com/{number}" for number in range(3)]
    for event_no in to_hosts(notifier, urls):
        notifier.notify(event_no, lane=Lane.FIRST)
    [host] = notifier.sql(
        "SELECT *, xmax::text AS locker FROM callback_hosts WHERE project_id = %(project_id)s"
    )
    assert (host["responsive"], host["failures"], host["locker"]) == (True, 0, "0")


@pytest.mark.req("N3")
def test_a_host_that_has_not_changed_for_a_month_is_forgotten(notifier: NotifierDriver) -> None:
    notifier.notify(*to_hosts(notifier, ["https://a.example.com/", "https://b.example.com/"]))
    notifier.sql(
        "UPDATE callback_hosts SET changed_at = now() - interval '31 days'"
        " WHERE host = 'a.example.com'"
    )
    notifier.store.prune(limit=100)
    [host] = notifier.sql("SELECT host FROM callback_hosts WHERE project_id = %(project_id)s")
    assert host["host"] == "b.example.com"


@pytest.mark.req("N3")
def test_slots_come_back_with_the_batch_and_with_a_lost_connection(
    notifier: NotifierDriver,
) -> None:
    held = "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND granted"
    notifier.notify(*to_hosts(notifier, ["https://a.example.com/"]), lane=Lane.FIRST)
    assert notifier.sql(held)[0]["n"] == 0
