"""One tick of the reaper puts right what died."""

from __future__ import annotations

import pytest

from aiwebhook.domain.stopped_run import StoppedRun
from aiwebhook.ports.queue_rows import Completion
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.outbox_store import PostgresOutboxStore
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.reap import ReaperServices, end_stopped_run, reap
from tests.support.fakes import FakePublisher, FakeRinger, FakeWaker
from tests.support.queue import QueueDriver


class Stage:
    """The reaper with fakes around it."""

    def __init__(self, queue: QueueDriver) -> None:
        self.queue = queue
        self.waker = FakeWaker()
        self.publisher = FakePublisher()
        self.ringer = FakeRinger()
        self.services = ReaperServices(
            store=queue.store,
            outbox=PostgresOutboxStore(queue.database),
            waker=self.waker,
            publisher=self.publisher,
            deliveries=PostgresDeliveryStore(queue.database),
            ringer=self.ringer,
            random=lambda: 0.5,
        )


@pytest.fixture
def stage(queue: QueueDriver) -> Stage:
    return Stage(queue)


@pytest.mark.req("T7")
def test_a_quiet_tick_does_nothing(stage: Stage) -> None:
    assert set(reap(stage.services).as_dict().values()) == {0}


@pytest.mark.req("T7")
def test_lost_runs_overdue_and_due_tasks_are_found_in_one_tick(stage: Stage) -> None:
    queue = stage.queue
    queue.enqueue("lost")
    queue.running()
    queue.let_lease_run_out("lost")
    queue.enqueue("overdue", max_attempts=1)
    queue.enqueue("after_overdue", depends_on=["overdue"])
    queue.let_deadline_pass("overdue")
    report = reap(stage.services)
    assert (report.tasks_released, report.tasks_overdue) == (1, 1)
    assert queue.task("lost")["ready"]
    assert queue.task("after_overdue")["status"] == "failed"
    assert [e.type for e in stage.publisher.published] == ["task.failed", "task.failed"]
    assert (queue.project_id, "researcher") in stage.waker.woken
    assert [row for row in queue.outbox() if row["kind"] == "publish"] == []


@pytest.mark.req("T7")
def test_more_than_a_batch_of_lost_runs_is_released_in_one_tick(stage: Stage) -> None:
    for number in range(130):
        stage.queue.enqueue(f"job_{number}", max_concurrent=200)
    for _ in range(2):  # one claim takes a hundred at most
        stage.queue.claim(limit=100, worker_id="w1")
    stage.queue.sql("UPDATE tasks SET lease_until = now() - interval '1 second'")
    assert reap(stage.services).tasks_released == 130


@pytest.mark.req("T7")
def test_losing_every_message_loses_no_work(stage: Stage) -> None:
    stage.queue.enqueue("job")
    stage.queue.sql("DELETE FROM outbox")
    assert reap(stage.services).agents_rung == 1
    assert stage.waker.woken == [(stage.queue.project_id, "researcher")]


@pytest.mark.req("T7")
def test_what_could_not_be_pushed_is_swept_later(stage: Stage) -> None:
    stage.queue.enqueue("job")
    complete_run(stage.queue.store, stage.queue.running(), Completion(output={}))
    stage.publisher.away = True
    reap(stage.services)
    stage.publisher.away = False
    stage.queue.sql("UPDATE outbox SET created_at = now() - interval '1 minute'")
    assert reap(stage.services).outbox_swept >= 1
    assert [e.type for e in stage.publisher.published] == ["task.completed"]
    assert stage.queue.outbox() == []


@pytest.mark.req("T7")
def test_a_stopped_container_releases_its_task_at_once(stage: Stage) -> None:
    stage.queue.enqueue("job")
    claimed = stage.queue.claim_one()
    stop = StoppedRun(
        attempt_id=claimed.attempt_id,
        stop_code="EssentialContainerExited",
        exit_code=137,
        stopped_reason="OutOfMemoryError: Container killed due to memory usage",
    )
    assert end_stopped_run(stage.services, stop).runs_ended == 1
    error = stage.queue.result("job")["error"]
    assert error["error_class"] == "oom"
    assert "memory" in error["remedy"]
    assert end_stopped_run(stage.services, stop).runs_ended == 0


@pytest.mark.req("T9")
def test_a_container_without_its_image_makes_the_agent_unable_to_work(stage: Stage) -> None:
    stage.queue.enqueue("job")
    stop = StoppedRun(
        attempt_id=stage.queue.claim_one().attempt_id,
        stop_code="TaskFailedToStart",
        stopped_reason="CannotPullContainerError: pull image manifest has been retried 1 time(s): "
        "failed to resolve ref 1.dkr.ecr.eu-west-1.amazonaws.com/runner:x: not found",
    )
    end_stopped_run(stage.services, stop)
    (agent,) = stage.queue.sql("SELECT status, status_reason FROM agents")
    assert agent["status"] == "error"
    assert "image" in agent["status_reason"]


@pytest.mark.req("T7")
def test_a_container_that_stopped_after_its_report_changes_nothing(stage: Stage) -> None:
    stage.queue.enqueue("job")
    claimed = stage.queue.claim(limit=1, worker_id="w1")[0]
    complete_run(stage.queue.store, claimed.lease, Completion(output={}))
    stop = StoppedRun(attempt_id=claimed.attempt_id, exit_code=0)
    assert end_stopped_run(stage.services, stop).runs_ended == 0
    assert stage.queue.task("job")["status"] == "completed"


@pytest.mark.req("T7")
def test_a_stop_of_an_unknown_attempt_is_ignored(stage: Stage) -> None:
    assert end_stopped_run(stage.services, StoppedRun(attempt_id="att_unknown")).runs_ended == 0
