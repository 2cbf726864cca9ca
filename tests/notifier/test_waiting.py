"""What waits for a slot is taken by whoever gives one back: nobody asks again and again."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest

from aiwebhook.clock import utc_now
from aiwebhook.domain.delivery import Answered, Decision, DeliveryAction, LogEntry
from aiwebhook.domain.lane import CROWDED_WAIT_S, Lane
from aiwebhook.ports.deliveries import Callback, Claim, DeliverySettlement, LaneShare
from tests.notifier.test_lanes import Hosts, notifiers, silent_urls, to_hosts
from tests.support.notifier import ANY_SHARE, NotifierDriver
from tests.support.queue import any_name

BROKEN = Answered(status=500)


@pytest.fixture
def projects(notifier: NotifierDriver) -> Iterator[list[NotifierDriver]]:
    """More projects of the same deployment."""
    drivers = [NotifierDriver(notifier.dsn, project_id=any_name("other")) for _ in range(4)]
    yield drivers
    for driver in drivers:
        driver.close()


@pytest.mark.req("N3")
@pytest.mark.parametrize("responsive", [True, None])
def test_whoever_gives_back_a_slot_takes_what_waited_for_it(
    notifier: NotifierDriver, responsive: bool | None
) -> None:
    first, second = (notifier.register(responsive=responsive) for _ in range(2))
    waiting: list[int] = []

    def another_looks(_: Callback) -> None:
        notifier.sender.before = None
        waiting.append(notifier.deliver_to(second))
        services = notifier.services(store=notifier.another_store(), share=1)
        report = notifier.notify(*waiting, services=services, lane=Lane.FIRST)
        assert (report.postponed, report.attempts) == (1, ())

    notifier.sender.before = another_looks
    event_no = notifier.deliver_to(first)
    notifier.notify(event_no, services=notifier.services(share=1), lane=Lane.FIRST)
    assert notifier.sender.urls == [first["url"], second["url"]]
    assert notifier.delivery(waiting[0])["status"] == "delivered"
    assert notifier.ringer.rung == []


@pytest.mark.req("N3")
def test_it_waits_for_a_claim_that_is_about_to_find_all_slots_taken(
    notifier: NotifierDriver,
) -> None:
    first, second = (notifier.register(responsive=True) for _ in range(2))
    event_no, waiting = notifier.deliver_to(first), notifier.deliver_to(second)
    done = threading.Event()
    blocked = (
        "SELECT count(*) AS n FROM pg_locks"
        " WHERE NOT granted AND locktype IN ('tuple', 'transactionid')"
    )

    def another_claim(locked: threading.Event) -> None:
        with psycopg.connect(notifier.dsn) as connection:
            connection.execute("SELECT FROM deliveries WHERE event_no = %s FOR UPDATE", [waiting])
            locked.set()
            with psycopg.connect(notifier.dsn, autocommit=True) as watch:
                while not done.is_set() and watch.execute(blocked).fetchone() == (0,):
                    pass

    locked = threading.Event()
    other = threading.Thread(target=another_claim, args=(locked,))

    def begin(_: Callback) -> None:
        notifier.sender.before = None
        other.start()
        assert locked.wait(timeout=30)

    notifier.sender.before = begin
    notifier.notify(event_no, services=notifier.services(share=1), lane=Lane.FIRST)
    done.set()
    other.join(timeout=30)
    assert notifier.delivery(waiting)["status"] == "delivered"


@pytest.mark.req("N3")
def test_a_burst_to_one_receiver_goes_out_without_a_second_look(notifier: NotifierDriver) -> None:
    hosts = Hosts()
    endpoint = notifier.register("https://fine.example.com/", responsive=True)
    with notifiers(notifier, hosts) as lanes:
        for event_no in [notifier.deliver_to(endpoint) for _ in range(100)]:
            lanes.publish(notifier.project_id, event_no)
        hosts.wait_for_answers(100)
        assert lanes.rung == []
    assert {row["attempts"] for row in notifier.deliveries()} == {1}


@pytest.mark.req("N3")
def test_what_has_ended_is_written_down_with_one_commit_but_for_what_another_sender_has(
    notifier: NotifierDriver,
) -> None:
    store = notifier.deliveries_store
    endpoint = notifier.register(responsive=True)
    events = [notifier.deliver_to(endpoint) for _ in range(3)]
    claim = store.claim_deliveries(
        project_id=notifier.project_id, event_nos=events, limit=10, within=ANY_SHARE
    )
    assert [claimed.event_no for claimed in claim.deliveries] == events
    overtaken = events[1]
    lapse = "UPDATE deliveries SET leased_until = now() - interval '1 s' WHERE event_no = %(no)s"
    notifier.sql(lapse, no=overtaken)
    store.claim_deliveries(
        project_id=notifier.project_id, event_nos=[overtaken], limit=10, within=ANY_SHARE
    )
    settlements = [
        DeliverySettlement(
            delivery_id=claimed.delivery_id,
            leased_until=claimed.leased_until,
            decision=Decision(action=DeliveryAction.DELIVERED, reason="HTTP 200", healthy=True),
            entry=LogEntry(at=utc_now(), ms=1, status=200),
        )
        for claimed in claim.deliveries
    ]
    settled = store.settle_delivery(*settlements)
    assert settled == [True, False, True]
    rows = notifier.sql(
        "SELECT status, xmin::text AS written_by FROM deliveries"
        " WHERE project_id = %(project_id)s ORDER BY event_no"
    )
    assert [row["status"] for row in rows] == ["delivered", "pending", "delivered"]
    assert rows[0]["written_by"] == rows[2]["written_by"]


@pytest.mark.req("N3")
def test_nobody_asks_again_for_what_waits_behind_silent_hosts(
    notifier: NotifierDriver, projects: list[NotifierDriver]
) -> None:
    hosts, other = Hosts(), projects[0]
    endpoint = other.register("https://fine.example.com/", responsive=True)
    silent = to_hosts(notifier, silent_urls(60))
    with notifiers(notifier, hosts) as lanes:
        for event_no in silent:
            lanes.publish(notifier.project_id, event_no)
        for event_no in [other.deliver_to(endpoint) for _ in range(20)]:
            lanes.publish(other.project_id, event_no)
        hosts.wait_for_answers(20)
        assert lanes.rung == []


@pytest.mark.req("N3")
def test_silent_hosts_of_many_projects_leave_room_for_a_receiver_that_answers(
    notifier: NotifierDriver, projects: list[NotifierDriver]
) -> None:
    hosts = Hosts()
    endpoint = notifier.register("https://fine.example.com/", responsive=True)
    with notifiers(notifier, hosts) as lanes:
        for project in projects:
            for event_no in to_hosts(project, silent_urls(15)):
                lanes.publish(project.project_id, event_no)
        for event_no in [notifier.deliver_to(endpoint) for _ in range(20)]:
            lanes.publish(notifier.project_id, event_no)
        hosts.wait_for_answers(20)
        assert hosts.notifiers_held > 0


def hold_slot(project: NotifierDriver, lane: Lane) -> Claim:
    """A claim of a new delivery to a host that is not known to answer, where shares are 1."""
    [event_no] = to_hosts(project, ["https://a.example.com/"])
    return project.deliveries_store.claim_deliveries(
        project_id=project.project_id,
        event_nos=[event_no],
        limit=1,
        within=LaneShare(lane=lane, share=1),
    )


@pytest.mark.req("N3")
def test_what_is_crowded_out_goes_to_the_other_lane_and_looks_again_there(
    notifier: NotifierDriver, projects: list[NotifierDriver]
) -> None:
    crowd, late = projects[:2], notifier
    waiting = late.deliver_to(late.register())

    for lane, delay_s in ((Lane.FIRST, 0), (Lane.RETRY, CROWDED_WAIT_S)):
        for project in crowd:
            hold_slot(project, lane)
        report = late.notify(waiting, services=late.services(share=1), lane=lane)
        assert (report.postponed, report.attempts) == (1, ())
        assert late.ringer.rung.pop() == (late.project_id, waiting, delay_s)
        for project in crowd:
            project.deliveries_store.release_callback_slots()
    late.notify(waiting, services=late.services(share=1), lane=Lane.FIRST)
    assert late.delivery(waiting)["status"] == "delivered"


@pytest.mark.req("N3")
def test_what_is_crowded_out_keeps_no_slot_of_its_project_and_rings_once_for_it(
    notifier: NotifierDriver, projects: list[NotifierDriver]
) -> None:
    first, *others = projects
    for project in (first, others[0]):
        assert hold_slot(project, Lane.FIRST).slots == {False}
    met = notifier.deliver_to(notifier.register())  # found that slot taken for the moment
    crowded = [notifier.deliver_to(notifier.register()) for _ in range(2)]
    report = notifier.notify(*crowded, services=notifier.services(share=1), lane=Lane.FIRST)
    assert (report.postponed, report.attempts) == (2, ())
    assert notifier.ringer.rung == [(notifier.project_id, met, 0)]
    first.deliveries_store.release_callback_slots()
    services = notifier.services(store=notifier.another_store(), share=1)
    notifier.notify(met, services=services, lane=Lane.FIRST)
    assert {row["status"] for row in notifier.deliveries()} == {"delivered"}


@pytest.mark.req("N3")
def test_to_find_no_slot_writes_nothing(notifier: NotifierDriver) -> None:
    hold_slot(notifier, Lane.FIRST)
    waiting = notifier.deliver_to(notifier.register())
    services = notifier.services(store=notifier.another_store(), share=1)
    report = notifier.notify(waiting, services=services, lane=Lane.FIRST)
    assert (report.postponed, report.attempts) == (1, ())
    [row] = notifier.sql(
        "SELECT xmax::text AS locker FROM deliveries WHERE event_no = %(event_no)s",
        event_no=waiting,
    )
    assert row["locker"] == "0"


@pytest.mark.req("N3")
def test_a_silent_receiver_of_the_batch_holds_no_slot_of_those_that_answer(
    notifier: NotifierDriver,
) -> None:
    quick = notifier.register("https://quick.example.com/", responsive=True)
    unproven = notifier.register("https://silent.example.com/")
    hosts = Hosts()
    mixed, later = notifier.deliver_to(quick, unproven), notifier.deliver_to(quick)
    with notifiers(notifier, hosts, share=1, concurrency=1) as lanes:
        lanes.publish(notifier.project_id, mixed)
        hosts.wait_for_answers(2)
        assert hosts.notifiers_held == 1
        assert lanes.rung == []
    assert notifier.delivery(later)["status"] == "delivered"


@pytest.mark.req("N3")
def test_when_the_time_is_up_another_notifier_goes_on(notifier: NotifierDriver) -> None:
    first, second = (notifier.register(responsive=True) for _ in range(2))
    clock = iter([0.0, 0.0, 0.0])
    services = notifier.services(share=1, budget_s=5.0, monotonic=lambda: next(clock, 6.0))
    event_no, waiting = notifier.deliver_to(first), notifier.deliver_to(second)
    notifier.notify(event_no, services=services, lane=Lane.FIRST)
    assert notifier.sender.urls == [first["url"]]
    assert notifier.ringer.rung == [(notifier.project_id, waiting, 0)]


@pytest.mark.req("N3")
def test_a_receiver_that_fails_is_tried_one_by_one_until_its_breaker_opens(
    notifier: NotifierDriver,
) -> None:
    endpoint = notifier.register(failures=3)
    notifier.sender.answer(endpoint["url"], *[BROKEN] * 6)
    notifier.notify(*[notifier.deliver_to(endpoint) for _ in range(6)])
    assert len(notifier.sender.sent) == 2
    assert notifier.endpoint_now(endpoint)["failures"] == 5
    assert sorted(row["attempts"] for row in notifier.deliveries()) == [0, 0, 0, 0, 1, 1]


@pytest.mark.req("N3")
def test_the_reaper_sees_every_projects_lost_callbacks(
    notifier: NotifierDriver, projects: list[NotifierDriver]
) -> None:
    for _ in range(60):
        notifier.deliver_to(notifier.register())
    lost = projects[0].deliver_to(projects[0].register())
    notifier.sql("UPDATE deliveries SET next_attempt_at = now() - interval '1 hour'")
    projects[0].sql(
        "UPDATE deliveries SET next_attempt_at = now() - interval '1 minute'"
        " WHERE project_id = %(project_id)s"
    )
    due = notifier.deliveries_store.due_deliveries(limit=10)
    assert lost in {event.event_no for event in due}
