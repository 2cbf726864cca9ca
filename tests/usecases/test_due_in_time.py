"""A back-off or a not-before time is obeyed within two seconds, not at the next minute's tick."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from aiwebhook.domain.attempt import ErrorClass, FailureReport
from aiwebhook.domain.run import RunInput
from aiwebhook.domain.stopped_run import StoppedRun
from aiwebhook.ports.queue_rows import Completion
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.outbox_store import PostgresOutboxStore
from aiwebhook.postgres.run_stop_store import PostgresRunStopStore
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.fail_run import fail_run
from aiwebhook.usecases.launch_run import DispatchServices, LaunchedRun, dispatch_tasks
from aiwebhook.usecases.publish_outbox import push_outbox
from aiwebhook.usecases.reap import ReaperServices, end_stopped_run, reap
from aiwebhook.usecases.start_run import ClaimingWorker, WorkerClaim
from tests.support.commands import CommandDriver
from tests.support.fakes import FakeLauncher, FakePublisher, FakeRinger, FakeStopper, FakeWaker
from tests.support.queue import KEYS, QueueDriver

pytestmark = pytest.mark.req("T6", "T10")
NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Stage:
    """Reaper and dispatcher on one queue; time passes by moving what waits."""

    def __init__(self, queue: QueueDriver) -> None:
        self.queue = queue
        self.waker = FakeWaker()
        self.publisher = FakePublisher()
        self.reaper = ReaperServices(
            store=queue.store,
            outbox=PostgresOutboxStore(queue.database),
            waker=self.waker,
            publisher=self.publisher,
            deliveries=PostgresDeliveryStore(queue.database),
            ringer=FakeRinger(),
            random=lambda: 0.5,
        )
        self.dispatcher = DispatchServices(
            store=queue.store,
            stops=PostgresRunStopStore(queue.database),
            launcher=FakeLauncher(),
            stopper=FakeStopper(),
            waker=self.waker,
            publisher=self.publisher,
            keys=lambda: KEYS,
            launch_timeout_s=300,
            random=lambda: 0.5,
            pause=lambda _seconds: None,
        )

    def waits(self, name: str, seconds: float, *, agent_name: str = "researcher") -> None:
        """A task that falls due in so many seconds."""
        self.queue.enqueue(name, agent_name=agent_name, not_before=NOW + timedelta(days=3650))
        self.queue.sql(
            "UPDATE tasks SET run_after = now() + make_interval(secs => %(seconds)s)"
            " WHERE project_id = %(project_id)s AND task_id = %(task_id)s",
            task_id=name,
            seconds=seconds,
        )

    def time_passes(self, seconds: int) -> None:
        """Everything that waits has waited so much longer."""
        self.queue.sql(
            "UPDATE tasks SET run_after = run_after - make_interval(secs => %(seconds)s)"
            " WHERE project_id = %(project_id)s",
            seconds=seconds,
        )

    def next_wake_up(self) -> list[str]:
        """Let time pass until the first delayed message arrives, and its look happen."""
        agent_name, delay_s, watch_s = self.waker.later.pop(0)
        self.time_passes(delay_s)
        return [run.claimed.task_id for run in self.look(agent_name, watch_s)]

    def look(self, agent_name: str = "researcher", watch_s: int = 0) -> tuple[LaunchedRun, ...]:
        """The dispatcher gets a message."""
        return dispatch_tasks(
            self.dispatcher,
            project_id=self.queue.project_id,
            agent_name=agent_name,
            time_left=lambda: 30.0,
            watch_s=watch_s,
        )


@pytest.fixture
def stage(queue: QueueDriver) -> Stage:
    return Stage(queue)


def test_a_tick_rings_once_per_agent_for_what_falls_due_before_the_next(stage: Stage) -> None:
    stage.waits("soon", 9.5)
    stage.waits("later", 40)
    stage.waits("after-the-next-tick", 61.5)
    stage.waits("another-agents", 30, agent_name="memory_keeper")
    report = reap(stage.reaper)
    assert sorted(stage.waker.later) == [("memory_keeper", 30, 30), ("researcher", 10, 50)]
    assert report.agents_rung_later == 2
    assert (stage.waker.woken, stage.queue.outbox_wakes()) == ([], [])


def test_every_task_that_falls_due_is_met_by_one_chain_of_wake_ups(stage: Stage) -> None:
    for name, seconds in {"first": 5.2, "second": 5.9, "third": 31.5, "fourth": 57.1}.items():
        stage.waits(name, seconds)
    reap(stage.reaper)
    looks: list[list[str]] = []
    while stage.waker.later:
        assert len(stage.waker.later) == 1
        looks.append(stage.next_wake_up())
    assert [name for look in looks for name in look] == ["first", "second", "third", "fourth"]
    assert all(looks)  # none came early, or for nothing


def test_the_chain_does_not_break_where_its_task_is_cancelled(stage: Stage) -> None:
    stage.waits("cancelled", 5)
    stage.waits("kept", 20)
    reap(stage.reaper)
    stage.queue.cancel("cancelled")
    assert stage.next_wake_up() == []
    assert stage.next_wake_up() == ["kept"]


def test_a_look_without_a_watch_rings_for_nothing_later(stage: Stage) -> None:
    """Otherwise every wake-up would bring forth another, and there are many."""
    stage.waits("soon", 5)
    assert stage.look() == ()
    assert stage.waker.later == []


def fails(stage: Stage) -> None:
    report = FailureReport(error_class=ErrorClass.NETWORK, message="it broke")
    ended = fail_run(stage.queue.store, stage.queue.running(), report, random=lambda: 0.5)
    push_outbox(ended.outbox, waker=stage.waker, publisher=stage.publisher)


def is_killed(stage: Stage) -> None:
    (claimed,) = stage.queue.claim(limit=1)
    stop = StoppedRun(attempt_id=claimed.attempt_id, exit_code=137)
    assert end_stopped_run(stage.reaper, stop).runs_ended == 1


@pytest.mark.parametrize("end", [fails, is_killed])
def test_a_back_off_that_ends_before_the_next_tick_rings_for_itself(
    stage: Stage, end: Callable[[Stage], None]
) -> None:
    stage.queue.enqueue("job")
    end(stage)
    [(agent_name, delay_s, watch_s)] = stage.waker.later
    [row] = stage.queue.sql(
        "SELECT ceil(extract(epoch FROM run_after - now())) AS left FROM tasks"
        " WHERE project_id = %(project_id)s"
    )
    assert (agent_name, watch_s) == ("researcher", 0)
    assert row["left"] <= delay_s <= row["left"] + 2
    assert stage.next_wake_up() == ["job"]


def test_a_back_off_that_lasts_longer_is_left_to_the_ticks(stage: Stage) -> None:
    stage.queue.enqueue("job")
    report = FailureReport(error_class=ErrorClass.OVERLOADED, message="full")
    ended = fail_run(stage.queue.store, stage.queue.running(), report, random=lambda: 0.999)
    push_outbox(ended.outbox, waker=stage.waker, publisher=stage.publisher)
    [row] = stage.queue.sql(
        "SELECT extract(epoch FROM run_after - now()) AS left FROM tasks"
        " WHERE project_id = %(project_id)s"
    )
    assert row["left"] > 60
    assert stage.waker.later == []


def test_a_task_delegated_for_soon_rings_for_itself(database: str) -> None:
    driver = CommandDriver(database)
    driver.session("s")
    driver.waker.woken.clear()
    for name, seconds in {"soon": 20, "late": 3600}.items():
        [clock] = driver.sql(
            "SELECT clock_timestamp() + make_interval(secs => %(seconds)s) AS at", seconds=seconds
        )
        task = {"agent_name": "researcher", "description": "d", "task_id": name}
        driver.send("delegate_task", "s", {**task, "not_before": clock["at"].isoformat()})
    assert driver.waker.woken == []
    [(agent_name, delay_s, watch_s)] = driver.waker.later
    assert (agent_name, watch_s) == ("researcher", 0)
    assert 17 <= delay_s <= 20
    driver.close()


def test_an_end_of_what_it_waited_for_rings_for_a_time_that_is_near(stage: Stage) -> None:
    stage.queue.enqueue("first")
    stage.queue.enqueue("second", depends_on=["first"], not_before=NOW + timedelta(days=3650))
    stage.queue.sql(
        "UPDATE tasks SET run_after = now() + interval '30 seconds'"
        " WHERE project_id = %(project_id)s AND task_id = 'second'"
    )
    reap(stage.reaper)
    assert stage.waker.later == []
    ended = complete_run(stage.queue.store, stage.queue.running(), Completion(output={}))
    push_outbox(ended.outbox, waker=stage.waker, publisher=stage.publisher)
    assert [(agent, watch) for agent, _, watch in stage.waker.later] == [("researcher", 0)]
    assert stage.next_wake_up() == ["second"]


def test_a_worker_that_asks_gets_what_has_fallen_due(stage: Stage) -> None:
    stage.waits("due", 10)
    worker = ClaimingWorker(
        project_id=stage.queue.project_id, worker_id="w", agents=["researcher"], room=1
    )
    assert WorkerClaim(stage.queue.runs, worker).look(now=NOW) is None
    stage.time_passes(11)
    run = WorkerClaim(stage.queue.runs, worker).look(now=NOW)
    assert isinstance(run, RunInput)
    assert run.task_id == "due"


def test_no_wake_up_is_needed_for_the_next_tick_to_find_it(stage: Stage) -> None:
    """Every message may be lost."""
    stage.waker.away = True
    stage.waits("due", 10)
    reap(stage.reaper)
    stage.time_passes(60)
    stage.waker.away = False
    reap(stage.reaper)
    assert stage.waker.woken == [(stage.queue.project_id, "researcher")]


@pytest.mark.req("T7")
def test_the_task_of_a_dead_run_is_tried_again_when_its_lease_ends(stage: Stage) -> None:
    """Not at the tick after that: a minute, as the documents say, not up to two."""
    stage.queue.enqueue("orphan")
    stage.queue.running()
    lease = "UPDATE tasks SET lease_until = now() + make_interval(secs => %(seconds)s)"
    of_project = " WHERE project_id = %(project_id)s"
    stage.queue.sql(lease + of_project, seconds=30)
    report = reap(stage.reaper)
    assert (report.tasks_released, stage.waker.later) == (0, [("researcher", 30, 30)])

    stage.queue.sql(lease + of_project, seconds=-0.1)
    assert stage.next_wake_up() == ["orphan"]
    assert stage.waker.later == []


@pytest.mark.req("T7")
def test_a_run_that_beats_is_only_looked_at(stage: Stage) -> None:
    stage.queue.enqueue("alive")
    stage.queue.running()
    reap(stage.reaper)
    [(agent_name, delay_s, watch_s)] = stage.waker.later
    assert (agent_name, delay_s + watch_s) == ("researcher", 60)
    stage.queue.sql(
        "UPDATE tasks SET lease_until = now() + interval '60 s' WHERE project_id = %(project_id)s"
    )
    assert stage.next_wake_up() == []
    assert stage.queue.task("alive")["status"] == "running"


@pytest.mark.req("T7")
def test_a_look_releases_the_dead_runs_of_its_own_agent_only(stage: Stage) -> None:
    for agent_name in ("researcher", "memory_keeper"):
        stage.queue.enqueue(agent_name, agent_name=agent_name)
        stage.queue.running(agent_name)
        stage.queue.let_lease_run_out(agent_name)
    assert [run.claimed.task_id for run in stage.look()] == ["researcher"]
    assert stage.queue.task("memory_keeper")["status"] == "running"
