"""Whoever ends a run rings for the next one, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from aiwebhook.domain.attempt import RELEASED
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.queue_rows import AgentRef, Completion, Remains
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.post_outbox import post_outbox
from tests.support.fakes import FakePublisher, FakeWaker
from tests.support.queue import QueueDriver

pytestmark = pytest.mark.req("T3")


def completes(queue: QueueDriver) -> Sequence[OutboxRow]:
    return complete_run(queue.store, queue.running(), Completion(output={})).outbox


def is_handed_back(queue: QueueDriver) -> Sequence[OutboxRow]:
    changes = queue.store.end_attempt(
        queue.running(), RELEASED, from_statuses=("running",), remains=Remains(), random=0.5
    )
    assert changes is not None
    return changes.outbox


def rung(queue: QueueDriver, rows: Sequence[OutboxRow], *, away: bool = False) -> int:
    waker = FakeWaker(away=away)
    post_outbox(queue.store, rows, waker=waker, publisher=FakePublisher())
    assert set(waker.woken) <= {(queue.project_id, "researcher")}
    return len(waker.woken)


def test_an_end_after_which_nothing_waits_rings_nobody(queue: QueueDriver) -> None:
    queue.enqueue("job")
    assert rung(queue, completes(queue)) == 0


@pytest.mark.parametrize("end", [completes, is_handed_back])
def test_an_end_rings_once_for_what_waits(
    queue: QueueDriver, end: Callable[[QueueDriver], Sequence[OutboxRow]]
) -> None:
    queue.enqueue("job")
    rows = end(queue)
    queue.enqueue("waits")
    assert rung(queue, rows) == 1


def test_a_task_handed_back_is_rung_for(queue: QueueDriver) -> None:
    queue.enqueue("job")
    assert rung(queue, is_handed_back(queue)) == 1


def test_a_task_accepted_while_a_run_was_ending_is_rung_for(queue: QueueDriver) -> None:
    """Its own ring found the cap full, because the end was not committed yet; the end's statement
    could not see it.
    """
    queue.enqueue("job", max_concurrent=1)
    lease = queue.running()
    other = queue.twin()
    with queue.database.transaction():
        ended = complete_run(queue.store, lease, Completion(output={}))
        other.enqueue("accepted meanwhile", session_id="another")
        agent = AgentRef(project_id=queue.project_id, agent_name="researcher")
        look = other.store.reserve_launches(agent, older_than_s=30, limit=10, settled=False)
    other.database.close()
    assert look.claimable == 0
    assert rung(queue, ended.outbox) == 1


def test_a_wake_up_leaves_no_row_behind_and_the_reaper_makes_up_for_a_lost_one(
    queue: QueueDriver,
) -> None:
    queue.enqueue("job")
    rows = completes(queue)
    queue.enqueue("waits")
    assert rung(queue, rows, away=True) == 0
    assert queue.outbox_wakes() == []
    [ring] = queue.store.ring_ready_agents(older_than_s=30)
    assert (ring.outbox_id, ring.kind, ring.destination) == (None, "wake", "researcher")
    assert queue.outbox_wakes() == []
