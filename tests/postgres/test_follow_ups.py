"""A follow-up is never lost: it is seen by the run, or refused because the task has ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from aiwebhook.domain.attempt import ErrorClass, FailureReport
from aiwebhook.domain.lease import RunLease
from aiwebhook.errors import LeaseLost, MessagesWaiting
from aiwebhook.ports.queue_rows import Completion
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.fail_run import fail_run
from aiwebhook.usecases.run_messages import run_messages
from tests.support.queue import QueueDriver


@pytest.fixture
def other(queue: QueueDriver) -> Iterator[QueueDriver]:
    """The same queue over another connection."""
    twin = queue.twin()
    yield twin
    twin.database.close()


def outcome_of(queue: QueueDriver, lease: RunLease, *, seen: int | None = 0) -> str:
    try:
        return complete_run(queue.store, lease, Completion(output={}, messages_seen=seen)).status
    except MessagesWaiting:
        return "messages_waiting"
    except LeaseLost:
        return "lease_lost"


def running(queue: QueueDriver) -> RunLease:
    queue.enqueue()
    return queue.running()


@pytest.mark.req("T1")
def test_a_completion_that_waits_for_a_reply_sees_it(
    queue: QueueDriver, other: QueueDriver
) -> None:
    lease = running(queue)
    with ThreadPoolExecutor(1) as pool:
        with queue.connection.transaction():
            assert queue.reply(lease.task_id) is not None
            completing = pool.submit(outcome_of, other, lease)
            queue.wait_for_lock_waiter()
        assert completing.result() == "messages_waiting"
    (message,) = run_messages(queue.store, lease)
    assert (message.message, queue.task(lease.task_id)["status"]) == ("Go on.", "running")
    assert outcome_of(queue, lease, seen=message.message_no) == "completed"


@pytest.mark.req("T1")
def test_a_reply_that_waits_for_a_completion_is_refused(
    queue: QueueDriver, other: QueueDriver
) -> None:
    lease = running(queue)
    with ThreadPoolExecutor(1) as pool:
        with queue.connection.transaction():
            assert outcome_of(queue, lease) == "completed"
            replying = pool.submit(other.reply, lease.task_id)
            queue.wait_for_lock_waiter()
        assert replying.result() is None
    assert queue.sql("SELECT count(*) AS n FROM task_messages")[0]["n"] == 0


@pytest.mark.req("T1")
def test_of_many_races_none_loses_a_follow_up(queue: QueueDriver, other: QueueDriver) -> None:
    for _ in range(40):
        lease = running(queue)
        start = threading.Barrier(2)

        def reply(lease: RunLease = lease, start: threading.Barrier = start) -> bool:
            start.wait()
            return other.reply(lease.task_id) is not None

        with ThreadPoolExecutor(1) as pool:
            replying = pool.submit(reply)
            start.wait()
            outcome = outcome_of(queue, lease)
            assert (outcome, replying.result()) in {
                ("completed", False),
                ("messages_waiting", True),
            }
        if outcome == "messages_waiting":
            assert outcome_of(queue, lease, seen=None) == "completed"


@pytest.mark.req("T1")
def test_who_reads_no_messages_is_not_held_up_by_them(queue: QueueDriver) -> None:
    lease = running(queue)
    queue.reply(lease.task_id)
    assert outcome_of(queue, lease, seen=None) == "completed"


@pytest.mark.req("T1")
def test_a_stale_run_hears_of_its_lease_and_not_of_messages(queue: QueueDriver) -> None:
    stale = running(queue)
    report = FailureReport(error_class=ErrorClass.NETWORK, message="reset")
    fail_run(queue.store, stale, report, random=lambda: 0.0)
    queue.running()
    queue.reply(stale.task_id)
    assert outcome_of(queue, stale) == "lease_lost"
    with pytest.raises(LeaseLost):
        run_messages(queue.store, stale)


@pytest.mark.req("T1")
def test_follow_ups_come_in_order_ten_at_a_time_and_wake_nobody(queue: QueueDriver) -> None:
    lease = running(queue)
    for number in range(12):
        queue.reply(lease.task_id, {"text": f"{number}"})
    first = run_messages(queue.store, lease)
    rest = run_messages(queue.store, lease, after=first[-1].message_no)
    assert [m.message for m in (*first, *rest)] == [f"{number}" for number in range(12)]
    assert run_messages(queue.store, lease, after=rest[-1].message_no) == []
    assert queue.outbox_wakes() == []
