"""The dispatcher launches what it may, and loses nothing whatever the runtime does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from aiwebhook.domain.lease import LeaseKeys
from aiwebhook.errors import Unavailable
from aiwebhook.ports.launcher import Launched, LaunchRefused, LaunchRequest
from aiwebhook.postgres.run_stop_store import PostgresRunStopStore
from aiwebhook.usecases.launch_run import (
    DispatchServices,
    LaunchedRun,
    LaunchOutcome,
    dispatch_tasks,
)
from tests.support.fakes import FakeLauncher, FakePublisher, FakeStopper, FakeWaker
from tests.support.queue import KEYS, QueueDriver


class Stage:
    """The dispatcher with fakes around it."""

    def __init__(self, queue: QueueDriver) -> None:
        self.queue = queue
        self.launcher = FakeLauncher()
        self.stopper = FakeStopper()
        self.waker = FakeWaker()
        self.pauses: list[float] = []
        self.services = DispatchServices(
            store=queue.store,
            stops=PostgresRunStopStore(queue.database),
            launcher=self.launcher,
            stopper=self.stopper,
            waker=self.waker,
            publisher=FakePublisher(),
            keys=lambda: KEYS,
            launch_timeout_s=300,
            random=lambda: 0.5,
            pause=self.pause,
        )

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.queue.sql("UPDATE launch_buckets SET tokens = 100")

    def dispatch(self, time_left: Callable[[], float] = lambda: 30.0) -> tuple[LaunchedRun, ...]:
        return dispatch_tasks(
            self.services,
            project_id=self.queue.project_id,
            agent_name="researcher",
            time_left=time_left,
        )

    def forget_launches(self) -> None:
        """As if the launches had begun long ago."""
        # The time of the claim is part of the id: kept as an older version stored it.
        self.queue.sql(
            "UPDATE task_attempts SET claimed_at = now() - interval '2 minutes',"
            " attempt_id = attempt_name(attempt_id, claimed_at, lease_epoch)"
        )

    def tokens(self) -> float:
        (row,) = self.queue.sql("SELECT tokens FROM launch_buckets")
        return row["tokens"]


@pytest.fixture
def stage(queue: QueueDriver) -> Stage:
    return Stage(queue)


@pytest.mark.req("T3")
def test_runs_are_launched_up_to_the_cap(stage: Stage) -> None:
    for number in range(8):
        stage.queue.enqueue(f"job_{number}", max_concurrent=5)
    runs = stage.dispatch()
    assert [run.claimed.task_id for run in runs] == [f"job_{n}" for n in range(5)]
    assert {a["status"] for n in range(5) for a in stage.queue.attempts(f"job_{n}")} == {"launched"}
    assert stage.dispatch() == ()


@pytest.mark.req("T3")
def test_a_launch_carries_ids_and_a_code_only(stage: Stage) -> None:
    stage.queue.enqueue("job")
    (run,) = stage.dispatch()
    assert stage.launcher.requests == [
        LaunchRequest(
            attempt_id=run.claimed.attempt_id,
            project_id=stage.queue.project_id,
            task_id="job",
            agent_name="researcher",
            bootstrap_code=KEYS.bootstrap_code(run.claimed.attempt_id),
            correlation_id="req_job",
        )
    ]


@pytest.mark.req("T3")
def test_nothing_to_do_is_a_normal_end_and_costs_no_token(stage: Stage) -> None:
    stage.queue.sql(
        "UPDATE launch_buckets SET tokens = 50, refilled_at = now() + interval '1 hour'"
    )
    assert stage.dispatch() == ()
    assert 50 <= stage.tokens() < 60  # the refill of the moment; a kept batch would leave 40


@pytest.mark.req("T4")
def test_a_look_stops_what_was_cancelled_and_claims_what_waits(stage: Stage) -> None:
    stage.queue.enqueue("job")
    stage.dispatch()
    stage.queue.cancel("job")
    stage.queue.enqueue("next")

    assert [run.claimed.task_id for run in stage.dispatch()] == ["next"]

    (attempt,) = stage.queue.attempts("job")
    assert stage.stopper.stopped == [attempt["runtime_ref"]]
    assert stage.dispatch() == ()
    assert stage.stopper.stopped == [attempt["runtime_ref"]]


@pytest.mark.req("T4")
def test_a_launch_that_was_cancelled_meanwhile_is_stopped_at_once(stage: Stage) -> None:
    class Cancelling(FakeLauncher):
        def launch(self, request: LaunchRequest) -> Launched | LaunchRefused:
            stage.queue.cancel("job")
            return super().launch(request)

    stage.queue.enqueue("job")
    stage.services = replace(stage.services, launcher=Cancelling())
    stage.dispatch()
    (attempt,) = stage.queue.attempts("job")
    assert stage.stopper.stopped == [attempt["runtime_ref"]]


@pytest.mark.req("T3")
def test_a_launch_of_unknown_outcome_is_repeated_with_the_same_token(stage: Stage) -> None:
    stage.queue.enqueue("job")
    stage.launcher.away = True
    (unknown,) = stage.dispatch()
    assert unknown.outcome is LaunchOutcome.UNKNOWN
    assert stage.queue.task("job")["status"] == "claimed"
    stage.launcher.away = False
    assert stage.dispatch() == ()  # somebody may still be at it
    stage.forget_launches()
    (run,) = stage.dispatch()
    assert (run.relaunched, run.outcome) == (True, LaunchOutcome.LAUNCHED)
    assert stage.launcher.requests[0] == stage.launcher.requests[1]
    assert len(stage.queue.attempts("job")) == 1


@pytest.mark.req("T3")
def test_no_capacity_hands_the_task_back_without_charge_and_stops(stage: Stage) -> None:
    for number in range(3):
        stage.queue.enqueue(f"job_{number}", max_concurrent=1)
    stage.launcher.answers.append(LaunchRefused(reason="RESOURCE:CPU", retryable=True))
    (run,) = stage.dispatch()
    assert run.outcome is LaunchOutcome.REFUSED
    task = stage.queue.task("job_0")
    assert (task["status"], task["ready"], task["attempts"]) == ("pending", False, 0)
    assert stage.queue.event_types()[-1] == "task.requeued"


@pytest.mark.req("T3")
def test_a_launch_refused_for_good_fails_after_its_attempts(stage: Stage) -> None:
    stage.queue.enqueue("job", max_attempts=1)
    stage.launcher.answers.append(LaunchRefused(reason="no task definition", retryable=False))
    stage.dispatch()
    error = stage.queue.result("job")["error"]
    assert error["error_class"] == "launch"
    assert "no task definition" in error["message"]
    (agent,) = stage.queue.sql("SELECT status, status_reason FROM agents")
    assert agent["status"] == "error"
    assert agent["status_reason"] == "The researcher could not be started."


@pytest.mark.req("T3", "T10")
def test_a_task_whose_row_is_being_changed_is_launched_once_the_change_is_made(
    stage: Stage,
) -> None:
    """Another task that shall wait for it is being made; nobody rings for this one again."""
    stage.queue.enqueue("first")
    with psycopg.connect(stage.queue.dsn) as other:
        other.execute("SELECT FROM tasks WHERE task_id = 'first' FOR NO KEY UPDATE")

        def pause(_seconds: float) -> None:
            other.commit()

        stage.services = replace(stage.services, pause=pause)
        (run,) = stage.dispatch()
    assert (run.claimed.task_id, run.launched) == ("first", True)


@pytest.mark.req("T3")
def test_who_cannot_be_claimed_is_not_waited_for(stage: Stage) -> None:
    stage.queue.enqueue("running", max_concurrent=1)
    stage.queue.running()
    stage.queue.enqueue("beyond the cap")
    assert stage.dispatch() == ()
    stage.queue.sql("UPDATE agents SET max_concurrent = 2")
    stage.queue.sql(
        "UPDATE tasks SET deadline = now() - interval '1 minute' WHERE task_id <> 'running'"
    )
    assert stage.dispatch() == ()
    assert stage.pauses == []


class CrashingLauncher(FakeLauncher):
    """Dies as a process would: not with an error of ours."""

    def launch(self, request: LaunchRequest) -> LaunchRefused:
        raise ZeroDivisionError(request.attempt_id)


@pytest.mark.req("S6", "T3")
def test_nothing_is_claimed_while_the_secret_is_away(queue: QueueDriver) -> None:
    queue.enqueue("job")
    stage = Stage(queue)

    def away() -> LeaseKeys:
        raise Unavailable("Secrets Manager is away.")

    stage.services = replace(stage.services, keys=away)
    with pytest.raises(Unavailable):
        stage.dispatch()
    assert queue.task("job")["status"] == "pending"


@pytest.mark.req("T3")
def test_a_claimed_task_survives_a_crash_of_the_dispatcher(queue: QueueDriver) -> None:
    stage = Stage(queue)
    for number in range(3):
        queue.enqueue(f"job_{number}")
    stage.services = replace(stage.services, launcher=CrashingLauncher())
    with pytest.raises(ZeroDivisionError):
        stage.dispatch()
    assert queue.store.ring_ready_agents(older_than_s=30) == ()
    survivor = Stage(queue)
    survivor.forget_launches()
    assert [r.destination for r in queue.store.ring_ready_agents(older_than_s=30)] == ["researcher"]
    runs = survivor.dispatch()
    assert {run.claimed.task_id for run in runs} == {"job_0", "job_1", "job_2"}
    assert all(run.relaunched for run in runs)


@pytest.mark.req("T3")
def test_an_empty_bucket_is_waited_for(stage: Stage) -> None:
    stage.queue.enqueue("job")
    stage.queue.sql("UPDATE launch_buckets SET tokens = 0, refilled_at = now() + interval '1 hour'")
    assert len(stage.dispatch()) == 1
    assert stage.pauses == [0.5]


@pytest.mark.req("T3")
def test_when_the_time_is_up_the_rest_is_left_to_a_new_look(stage: Stage) -> None:
    for number in range(25):
        stage.queue.enqueue(f"job_{number}", max_concurrent=100)
    times = iter([30.0, 0.0])
    assert len(stage.dispatch(lambda: next(times))) == 10
    assert stage.waker.woken == [(stage.queue.project_id, "researcher")]
