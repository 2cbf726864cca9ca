"""Containers of runs that were cancelled, or whose lease the server ended, are stopped."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from aiwebhook.domain.attempt import OVERDUE_ERROR, RELEASED, STALE, UNSTARTED_ERROR
from aiwebhook.ports.queue_rows import Remains
from aiwebhook.postgres.run_stop_store import PostgresRunStopStore
from aiwebhook.usecases.stop_runs import LIMIT, RunsStopped, stop_runs
from tests.support.fakes import FakeStopper
from tests.support.queue import QueueDriver

pytestmark = pytest.mark.req("T7")
REF = "arn:fake:task/runs/1"


def launched(queue: QueueDriver, task_id: str = "job", *, ref: str = REF) -> str:
    """A run under way in a container of this reference; the attempt's id."""
    queue.enqueue(task_id)
    claimed = queue.claim_one()
    assert queue.store.mark_launched(queue.project_id, {claimed.attempt_id: ref})
    return claimed.attempt_id


def tick(queue: QueueDriver, stopper: FakeStopper) -> RunsStopped:
    return stop_runs(PostgresRunStopStore(queue.database), stopper)


def deleted(queue: QueueDriver) -> None:
    assert queue.delete_session("session")


def lease_ran_out(queue: QueueDriver) -> None:
    queue.let_lease_run_out("job")
    queue.store.release_stale_tasks(STALE, unstarted=UNSTARTED_ERROR, randoms=[0.5])


def cancelled(queue: QueueDriver) -> None:
    row = queue.cancel("job")
    assert row is not None
    rung = [(ring["kind"], ring["destination"]) for ring in row["outbox"]]
    assert rung == [("wake", "researcher")]


def deadline_passed(queue: QueueDriver) -> None:
    queue.let_deadline_pass("job")
    queue.store.fail_overdue_tasks(OVERDUE_ERROR, limit=1)


@pytest.mark.parametrize("end", [cancelled, deleted, lease_ran_out, deadline_passed])
def test_a_run_that_is_cancelled_or_lost_its_lease_is_stopped_once(
    queue: QueueDriver, end: Callable[[QueueDriver], None]
) -> None:
    launched(queue)
    stopper = FakeStopper()
    assert tick(queue, stopper) == RunsStopped(runs_stopped=0, runs_not_stopped=0)

    end(queue)

    assert tick(queue, stopper) == RunsStopped(runs_stopped=1, runs_not_stopped=0)
    assert tick(queue, stopper) == RunsStopped(runs_stopped=0, runs_not_stopped=0)
    assert stopper.stopped == [REF]


def test_a_run_that_ended_by_its_own_report_leaves_by_itself(queue: QueueDriver) -> None:
    launched(queue)
    [lease] = [queue.store.attempt_lease(row["named"]) for row in queue.attempts("job")]
    assert lease is not None
    queue.store.end_attempt(
        lease, RELEASED, from_statuses=("claimed",), remains=Remains(), random=0.5
    )
    deleted(queue)

    assert tick(queue, FakeStopper()).runs_stopped == 0


def test_a_run_of_a_worker_has_no_container(queue: QueueDriver) -> None:
    queue.enqueue("job")
    queue.claim(limit=1, worker_id="w1")
    row = queue.cancel("job")
    assert row is not None
    assert row["outbox"] == []  # the worker asks
    deleted(queue)

    assert tick(queue, FakeStopper()).runs_stopped == 0


def test_a_container_that_started_after_its_session_was_deleted_is_stopped(
    queue: QueueDriver,
) -> None:
    queue.enqueue("job")
    claimed = queue.claim_one()
    deleted(queue)

    assert not queue.store.mark_launched(queue.project_id, {claimed.attempt_id: REF})

    stopper = FakeStopper()
    assert tick(queue, stopper).runs_stopped == 1
    assert stopper.stopped == [REF]


def test_a_container_that_started_after_its_task_was_cancelled_is_stopped(
    queue: QueueDriver,
) -> None:
    queue.enqueue("job")
    claimed = queue.claim_one()
    queue.cancel("job")

    assert not queue.store.mark_launched(queue.project_id, {claimed.attempt_id: REF})

    stopper = FakeStopper()
    assert tick(queue, stopper).runs_stopped == 1
    assert stopper.stopped == [REF]


@pytest.mark.parametrize("first", ["launch", "cancel"])
def test_a_cancel_and_a_launch_at_one_moment_stop_the_container(
    queue: QueueDriver, first: str
) -> None:
    """Whichever is first, the other one waits for it and finds what it wrote."""
    queue.enqueue("job")
    claimed = queue.claim_one()
    other = queue.twin()

    def launch(driver: QueueDriver) -> None:
        driver.store.mark_launched(driver.project_id, {claimed.attempt_id: REF})

    def cancel(driver: QueueDriver) -> None:
        assert driver.cancel("job")

    one, two = (launch, cancel) if first == "launch" else (cancel, launch)
    with ThreadPoolExecutor(1) as pool:
        with queue.connection.transaction():
            one(queue)
            done = pool.submit(two, other)
            queue.wait_for_lock_waiter()
        done.result()
    other.database.close()

    assert tick(queue, FakeStopper()).runs_stopped == 1


def test_a_launch_that_is_reported_twice_stops_nothing(queue: QueueDriver) -> None:
    """Its first answer was lost, and RunTask asked again: the same container."""
    attempt = launched(queue)

    assert not queue.store.mark_launched(queue.project_id, {attempt: REF})

    assert tick(queue, FakeStopper()).runs_stopped == 0


def test_a_delete_waits_for_a_launch_that_is_being_marked(queue: QueueDriver) -> None:
    """Or its snapshot would miss the reference, and the container go on unnoticed."""
    queue.enqueue("job")
    claimed = queue.claim_one()
    deletion = queue.twin()
    with ThreadPoolExecutor(1) as pool:
        with queue.connection.transaction():
            queue.store.mark_launched(queue.project_id, {claimed.attempt_id: REF})
            gone = pool.submit(deletion.delete_session, "session")
            queue.wait_for_lock_waiter()
        assert gone.result()
    deletion.database.close()

    assert tick(queue, FakeStopper()).runs_stopped == 1


def test_what_cannot_be_stopped_is_tried_again_and_given_up_after_a_day(
    queue: QueueDriver,
) -> None:
    launched(queue)
    deleted(queue)
    stopper = FakeStopper(refused=frozenset({REF}))
    for _ in range(2):
        assert tick(queue, stopper) == RunsStopped(runs_stopped=0, runs_not_stopped=1)

    queue.sql("UPDATE runs_to_stop SET noted_at = now() - interval '25 hours'")
    tick(queue, stopper)

    assert tick(queue, stopper) == RunsStopped(runs_stopped=0, runs_not_stopped=0)


def test_a_tick_stops_no_more_than_it_has_time_for(queue: QueueDriver) -> None:
    queue.sql(
        "INSERT INTO runs_to_stop (attempt_id, runtime_ref)"
        " SELECT 'att_' || n, 'arn/' || n FROM generate_series(1, %(number)s) n",
        number=LIMIT + 10,
    )
    store = PostgresRunStopStore(queue.database)
    left = iter([True, True, False])

    assert stop_runs(store, FakeStopper(), has_time=lambda: next(left)).runs_stopped == 2
    assert tick(queue, FakeStopper()).runs_stopped == LIMIT
    assert tick(queue, FakeStopper()).runs_stopped == 8
