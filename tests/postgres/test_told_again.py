"""What a run tells is logged once and in order, however often it has to say it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwebhook.domain.lease import RunLease
from aiwebhook.ports.queue_rows import Completion
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.record_run_events import RunEvent, record_run_events
from tests.support.queue import QueueDriver

pytestmark = pytest.mark.req("T4")


@pytest.fixture
def other(queue: QueueDriver) -> Iterator[QueueDriver]:
    driver = queue.twin()
    yield driver
    driver.database.close()


def running(queue: QueueDriver) -> RunLease:
    queue.enqueue()
    return queue.running()


def tell(queue: QueueDriver, lease: RunLease, first: int, last: int) -> int:
    """The run's events from first to last, each with its own number; how many were new."""
    events = [RunEvent(type="log", data={"no": number}) for number in range(first, last + 1)]
    return record_run_events(queue.store, lease, events, first_no=first).accepted


def logged(queue: QueueDriver, lease: RunLease) -> list[int]:
    return [
        event["data"]["no"]
        for event in queue.events()
        if event["type"] == "task.progress" and event["task_id"] == lease.task_id
    ]


@given(calls=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_order_of_resends_and_splits_logs_each_event_once(
    queue: QueueDriver, calls: list[tuple[int, int]]
) -> None:
    """Each call begins some events back and brings some, new ones or not."""
    lease = running(queue)
    told = 0
    for back, count in calls:
        first = max(1, told + 1 - back)
        last = first + count - 1
        assert tell(queue, lease, first, last) == max(0, last - told)
        told = max(told, last)
    assert logged(queue, lease) == list(range(1, told + 1))
    complete_run(queue.store, lease, Completion(output={}))  # room for the next example


def test_a_resend_that_overtakes_the_answer_waits_and_finds_nothing_new(
    queue: QueueDriver, other: QueueDriver
) -> None:
    """The first call is still under way when its client has given up on it."""
    lease = running(queue)
    with ThreadPoolExecutor(1) as pool:
        with queue.connection.transaction():
            assert tell(queue, lease, 1, 3) == 3
            again = pool.submit(tell, other, lease, 1, 4)
            queue.wait_for_lock_waiter()
        assert again.result() == 1
    assert logged(queue, lease) == [1, 2, 3, 4]
