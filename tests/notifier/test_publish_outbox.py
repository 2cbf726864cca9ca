from __future__ import annotations

from collections.abc import Sequence

import pytest

from aiwebhook.errors import Unavailable
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.postgres.outbox_store import PostgresOutboxStore
from aiwebhook.usecases.publish_outbox import push_outbox, sweep_outbox
from tests.support.events import any_publish, any_wake
from tests.support.fakes import FakePublisher, FakeWaker
from tests.support.notifier import NotifierDriver


class Ticking:
    """A monotonic clock that moves by `step` each time it is looked at."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def ids(rows: Sequence[OutboxRow]) -> set[int | None]:
    return {row.outbox_id for row in rows}


@pytest.mark.req("N1")
def test_everything_is_pushed_and_named() -> None:
    rows = [any_wake(), any_publish(), any_publish()]
    waker, publisher = FakeWaker(), FakePublisher()
    assert set(push_outbox(rows, waker=waker, publisher=publisher)) == ids(rows)
    assert waker.woken == [("default", "researcher")]
    assert [event.event_id for event in publisher.published] == [
        row.event.event_id for row in rows if row.event
    ]


@pytest.mark.req("T3")
def test_one_wake_up_serves_all_rows_of_a_queue() -> None:
    rows = [any_wake() for _ in range(50)] + [any_wake("memory_keeper")]
    rows += [any_wake(project_id="other")]
    waker = FakeWaker()
    assert set(push_outbox(rows, waker=waker, publisher=FakePublisher())) == ids(rows)
    assert len(waker.woken) == 3


@pytest.mark.req("N1")
def test_what_is_away_stays_and_nothing_is_raised() -> None:
    wake, publish = any_wake(), any_publish()
    rows = [publish, wake]
    pushed = push_outbox(rows, waker=FakeWaker(away=True), publisher=FakePublisher())
    assert pushed == (publish.outbox_id,)
    pushed = push_outbox(rows, waker=FakeWaker(), publisher=FakePublisher(away=True))
    assert pushed == (wake.outbox_id,)


@pytest.mark.req("N1")
def test_a_thousand_events_do_not_hold_up_their_caller() -> None:
    stored = [any_publish(type="memory.stored") for _ in range(1000)]
    rows = [any_wake(), *stored, any_publish(type="task.completed")]
    publisher = FakePublisher()
    pushed = push_outbox(
        rows, waker=FakeWaker(), publisher=publisher, budget_s=0.3, monotonic=Ticking(0.05)
    )
    assert rows[0].outbox_id in pushed  # a run waits for the wake-up
    assert publisher.published[0].type == "task.completed"  # somebody waits for it
    assert 1 < len(publisher.published) < 100
    assert len(pushed) == len(publisher.published) + 1


@pytest.mark.req("N1")
def test_only_the_guilty_row_of_a_batch_stays() -> None:
    rows = [any_publish() for _ in range(25)]
    guilty = rows[3]
    assert guilty.event is not None
    publisher = FakePublisher(poison=frozenset({guilty.event.event_id}))
    pushed = push_outbox(rows, waker=FakeWaker(), publisher=publisher)
    assert set(pushed) == ids(rows) - {guilty.outbox_id}


@pytest.mark.req("N1")
def test_a_row_whose_event_is_gone_is_done() -> None:
    row = OutboxRow(outbox_id=1, project_id="default", kind="publish")
    assert push_outbox([row], waker=FakeWaker(), publisher=FakePublisher()) == (1,)


def fill(notifier: NotifierDriver, *, count: int, age: str = "1 minute") -> None:
    """Rows in the outbox, each with its event."""
    for _ in range(count):
        notifier.sql(
            "INSERT INTO outbox (project_id, kind, event_no, created_at)"
            " VALUES (%(project_id)s, 'publish', %(event_no)s, now() - %(age)s::interval)",
            event_no=notifier.event(data={"agent_name": "researcher"}),
            age=age,
        )


def stale(notifier: NotifierDriver) -> Sequence[OutboxRow]:
    store = PostgresOutboxStore(notifier.database)
    return store.stale_outbox(older_than_s=5, after=0, limit=1000)


@pytest.mark.req("N1")
def test_the_sweep_pushes_what_is_old_and_leaves_what_is_fresh(notifier: NotifierDriver) -> None:
    fill(notifier, count=12)
    fill(notifier, count=1, age="1 second")
    notifier.sql(
        "INSERT INTO outbox (project_id, kind, destination, created_at)"
        " VALUES (%(project_id)s, 'wake', 'researcher', now() - interval '1 hour')"
    )
    waker, publisher = FakeWaker(), FakePublisher()
    swept = sweep_outbox(PostgresOutboxStore(notifier.database), waker, publisher)
    assert (swept.pushed, swept.refused, swept.finished) == (13, 0, True)
    assert waker.woken == [(notifier.project_id, "researcher")]
    assert publisher.published[0].data == {"agent_name": "researcher"}
    assert len(notifier.outbox()) == 1


@pytest.mark.req("N1")
def test_a_poisoned_head_does_not_hold_up_the_sweep(notifier: NotifierDriver) -> None:
    fill(notifier, count=30)
    poison = frozenset(row.event.event_id for row in stale(notifier)[:20] if row.event)
    publisher = FakePublisher(poison=poison)
    swept = sweep_outbox(PostgresOutboxStore(notifier.database), FakeWaker(), publisher)
    assert (swept.pushed, swept.refused, swept.finished) == (10, 20, True)
    assert len(notifier.outbox()) == 20


@pytest.mark.req("N1")
def test_a_sweep_while_sns_is_away_loses_nothing_and_goes_on_later(
    notifier: NotifierDriver,
) -> None:
    fill(notifier, count=3)
    store = PostgresOutboxStore(notifier.database)
    swept = sweep_outbox(store, FakeWaker(), FakePublisher(away=True))
    assert (swept.pushed, swept.finished) == (0, False)
    assert len(notifier.outbox()) == 3
    assert sweep_outbox(store, FakeWaker(), FakePublisher()).pushed == 3


@pytest.mark.req("N1")
def test_rows_are_deleted_only_after_they_were_pushed(notifier: NotifierDriver) -> None:
    fill(notifier, count=2)

    class Interrupted(FakePublisher):
        def publish(self, events: Sequence[object]) -> None:
            assert len(notifier.outbox()) == len(events) == 2
            raise Unavailable("killed in the middle")

    sweep_outbox(PostgresOutboxStore(notifier.database), FakeWaker(), Interrupted())
    assert len(notifier.outbox()) == 2
