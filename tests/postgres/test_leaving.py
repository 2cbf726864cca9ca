"""A worker that has said that it leaves gets no task, however its claims and this interleave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from aiwebhook.domain.run import RunInput
from aiwebhook.ports.queue_rows import WorkerSeen
from aiwebhook.postgres.statements import statement
from aiwebhook.usecases.start_run import ClaimingWorker, WorkerClaim, WorkerGone
from tests.support.queue import QueueDriver

pytestmark = pytest.mark.req("T8")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
WORKER = "laptop"


@pytest.fixture
def twin(queue: QueueDriver) -> Iterator[QueueDriver]:
    """Another connection: the claim's, while `queue` is that of the worker that leaves."""
    twin = queue.twin()
    queue.agent("researcher", max_concurrent=1_000)
    yield twin
    twin.database.close()


def shows_itself(queue: QueueDriver) -> None:
    queue.store.touch_worker(
        WorkerSeen(project_id=queue.project_id, worker_id=WORKER, agents=["researcher"])
    )


def leaves(queue: QueueDriver) -> None:
    queue.store.leave_worker(project_id=queue.project_id, worker_id=WORKER)


def claims(queue: QueueDriver, worker_id: str = WORKER) -> list[str]:
    return [one.task_id for one in queue.claim(limit=1, worker_id=worker_id)]


def a_claim(queue: QueueDriver) -> WorkerClaim:
    worker = ClaimingWorker(
        project_id=queue.project_id, worker_id=WORKER, agents=["researcher"], room=1
    )
    return WorkerClaim(queue.runs, worker)


def test_a_claim_between_its_sign_of_life_and_its_statement_gets_nothing(
    queue: QueueDriver, twin: QueueDriver
) -> None:
    shows_itself(twin)
    leaves(queue)
    queue.enqueue("job")

    assert claims(twin) == []
    assert claims(twin, "another") == ["job"]


def test_a_claim_that_waits_while_the_worker_leaves_gets_nothing(
    queue: QueueDriver, twin: QueueDriver
) -> None:
    queue.enqueue("job")
    shows_itself(twin)
    claimed: list[str] = []
    claim = threading.Thread(target=lambda: claimed.extend(claims(twin)))

    with queue.connection.transaction():
        leaves(queue)
        claim.start()
        queue.wait_for_lock_waiter()
    claim.join()

    assert (claimed, queue.attempts("job")) == ([], [])


def paused(name: str) -> str:
    """The statement; a claim waits between choosing its tasks and changing them."""
    chosen, held = "SELECT h.task_id FROM head h", "pg_advisory_xact_lock(4711)"
    text = statement(name)
    return text.replace(f"{chosen})", f"{chosen}, {held})") if name == "claim_tasks" else text


def test_leaving_waits_for_a_claim_under_way(
    queue: QueueDriver, twin: QueueDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it got is in an answer before the worker knows that it has left."""
    queue.enqueue("job")
    shows_itself(twin)
    monkeypatch.setattr("aiwebhook.postgres.flush.statement", paused)
    done: list[str] = []
    other = queue.twin()
    claim = threading.Thread(target=lambda: done.extend(claims(twin)))
    leave = threading.Thread(target=lambda: (leaves(other), done.append("left")))

    with queue.connection.transaction():
        queue.sql("SELECT pg_advisory_xact_lock(4711)")
        claim.start()
        queue.wait_for_lock_waiter()
        leave.start()
        wait_for_two_waiters(queue)
        assert done == []
    claim.join()
    leave.join()
    other.database.close()

    assert sorted(done) == ["job", "left"]


def wait_for_two_waiters(queue: QueueDriver) -> None:
    with queue.twin().connection as observer:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while observer.execute(query).fetchone() != (2,):
            observer.execute("SELECT pg_sleep(0.01)")


def test_no_interleaving_gives_a_task_to_a_worker_that_has_left(
    queue: QueueDriver, twin: QueueDriver
) -> None:
    """A claim looks on and on while the worker leaves, and a task is ready right after that."""
    for number in range(30):
        held, stop, claimed = a_claim(twin), threading.Event(), list[str]()
        assert held.look(now=NOW) is None

        def keep_looking(
            claim: WorkerClaim = held,
            stop: threading.Event = stop,
            claimed: list[str] = claimed,
        ) -> None:
            while not stop.is_set():
                found = claim.look(now=NOW)
                if isinstance(found, RunInput):
                    claimed.append(found.task_id)

        claiming = threading.Thread(target=keep_looking)
        claiming.start()
        leaves(queue)
        queue.enqueue(f"job_{number}")
        taken = claims(queue, "another")
        stop.set()
        claiming.join()
        assert (claimed, taken) == ([], [f"job_{number}"])


def test_a_claim_from_before_is_gone_also_when_the_worker_is_back(queue: QueueDriver) -> None:
    before = a_claim(queue)
    assert before.look(now=NOW) is None
    leaves(queue)
    assert before.look(now=NOW) == WorkerGone()

    again = a_claim(queue)
    assert again.look(now=NOW) is None
    queue.enqueue("job")

    assert before.look(now=NOW) == WorkerGone()
    found = again.look(now=NOW)
    assert isinstance(found, RunInput)
    assert found.task_id == "job"


def test_a_held_claim_of_a_silent_worker_does_not_put_it_online(queue: QueueDriver) -> None:
    held = a_claim(queue)
    held.look(now=NOW)
    assert queue.store.mark_workers_offline(silent_s=-1) == 1
    assert held.look(now=NOW) == WorkerGone()
    assert queue.store.mark_workers_offline(silent_s=-1) == 0


def test_two_workers_of_the_same_agents_leave_at_once(queue: QueueDriver) -> None:
    names, twins = [f"w{number}" for number in range(4)], [queue.twin() for _ in range(4)]
    agents = [f"agent_{number}" for number in range(6)]
    for name in names:
        served = agents if name in ("w0", "w2") else agents[::-1]
        queue.store.touch_worker(
            WorkerSeen(project_id=queue.project_id, worker_id=name, agents=served)
        )
    threads = [
        threading.Thread(
            target=twin.store.leave_worker,
            kwargs={"project_id": queue.project_id, "worker_id": name},
        )
        for twin, name in zip(twins, names, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for twin in twins:
        twin.database.close()

    rows = queue.sql("SELECT status FROM workers WHERE project_id = %(project_id)s")
    assert [row["status"] for row in rows] == ["offline"] * 4
