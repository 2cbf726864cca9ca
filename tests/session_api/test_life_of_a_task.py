"""What one task costs the database, from accept to the acknowledged end, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from aiwebhook.postgres.run_stop_store import PostgresRunStopStore
from aiwebhook.usecases.launch_run import DispatchServices, dispatch_tasks
from tests.support.commands import CountedDatabase
from tests.support.cost import CostMeter, Step, median
from tests.support.fakes import FakeLauncher, FakeStopper
from tests.support.session_api import BRIEF, ApiDriver, Run

LIVES = 5
# A change here is a change of what every task costs. Bytes have a little room: a page that is
# pruned in passing costs some.
ROUND_TRIPS, COMMITS, WAL = 14, 12, 9_500
COSTS = {  # step: its statements, round trips, commits, bytes of WAL at most
    "accept": ("recheck_key find_news delegate_task announce", 1, 1, 3_250),
    "dispatch": (
        "reserve_launches lock_agent claim_tasks mark_launched",
        3,
        3,
        1_900,
    ),
    "start": ("start_run announce", 1, 1, 1_000),
    "context": ("run_session run_chunks run_memories", 1, 0, 60),
    "heartbeat": ("heartbeat", 1, 1, 200),
    "progress": ("record_run_events announce", 1, 1, 800),
    "complete": ("run_output_schemas complete_runs settle_outbox", 3, 2, 2_150),
    "rung by the end": ("", 0, 0, 60),
    "updates": ("recheck_key session_news", 1, 1, 130),
    "acknowledge": ("recheck_key acknowledge announce find_news", 1, 1, 700),
}
PLANNED_EACH_TIME = ("-- The runtime took these attempts", "-- After the commit of a change")
"""mark_launched and settle_outbox: of an array the server expects ten, and plans for one."""
TASK = {"description": "Look into it", "input_data": {"text": "x" * 780}}
AGENT = "researcher"


class Life:
    """One task after the other, each from its accept to its acknowledgement."""

    def __init__(self, driver: ApiDriver, meter: CostMeter) -> None:
        self.driver = driver
        self.meter = meter
        self.launcher = FakeLauncher()
        self.session_id = driver.session()
        self.number = 0

    def dispatch(self) -> None:
        """What a wake-up makes the dispatcher do."""
        services = DispatchServices(
            store=self.driver.api.runs,
            stops=PostgresRunStopStore(self.meter.database),
            launcher=self.launcher,
            stopper=FakeStopper(),
            waker=self.driver.outside.waker,
            publisher=self.driver.outside.publisher,
            keys=self.driver.api.lease_keys,
            launch_timeout_s=300,
            random=lambda: 0.5,
            pause=lambda _seconds: None,
        )
        dispatch_tasks(
            services,
            project_id=self.driver.project_id,
            agent_name=AGENT,
            time_left=lambda: 30.0,
        )

    def live(self) -> list[Step]:
        """One task's steps. What rings the dispatcher is answered by it, as in the real thing."""
        self.meter.steps = []
        task_id = self.accept()
        run = self.begin(task_id)
        self.work(run)
        self.end(run)
        self.acknowledge()
        return self.meter.steps

    def accept(self) -> str:
        self.number += 1
        with self.meter.step("accept"):
            body = {"session_id": self.session_id, "agent_name": AGENT, **TASK}
            key = {"Idempotency-Key": f"life-{self.number}"}
            told = self.driver.post("/v1/tasks", body, headers=key)
        assert told.status == 200, told.text
        return told.data["task_id"]

    def begin(self, task_id: str) -> Run:
        with self.meter.step("dispatch"):
            self.dispatch()
        code = self.launcher.requests[-1].bootstrap_code
        report = {"bootstrap_code": code, "worker_id": "runner"}
        with self.meter.step("start"):
            started = self.driver.post(f"/v1/runs/{task_id}/start", report, token=None)
        return Run(driver=self.driver, input=started.body)

    def work(self, run: Run) -> None:
        with self.meter.step("context"):
            run.get("context")
        with self.meter.step("heartbeat"):
            run.post("heartbeat")
        with self.meter.step("progress"):
            run.post("events", {"events": [{"type": "progress", "data": {"text": "half"}}]})
        with self.meter.step("heartbeat"):
            run.post("heartbeat")

    def end(self, run: Run) -> None:
        rings = len(self.driver.outside.waker.woken)
        with self.meter.step("complete"):
            ended = run.post("complete", {"output": BRIEF, "say": "Done."})
        assert ended.body["status"] == "completed", ended.text
        with self.meter.step("rung by the end"):
            if len(self.driver.outside.waker.woken) > rings:
                self.dispatch()

    def acknowledge(self) -> None:
        path = f"/v1/sessions/{self.session_id}/updates"
        with self.meter.step("updates"):
            news = self.driver.get(path)
        with self.meter.step("acknowledge"):
            told = self.driver.post(f"{path}/ack", {"cursor": news.body["cursor"]})
        assert told.data == {"acknowledged": 1}, told.text


@pytest.fixture
def life(driver: ApiDriver) -> Iterator[Life]:
    (database,) = [d for d in driver.outside.databases if isinstance(d, CountedDatabase)]
    with closing(psycopg.connect(driver.dsn, autocommit=True)) as observer:
        yield Life(driver, CostMeter(database=database, observer=observer))


@pytest.mark.req("T2")
def test_what_a_life_costs(life: Life) -> None:
    for _ in range(3):
        life.live()  # statements are prepared, pages begun
    steps = median([life.live() for _ in range(LIVES)])
    told = "\n".join(str(step) for step in steps)
    for step in steps:
        statements, round_trips, commits, wal = COSTS[step.name]
        assert " ".join(step.statements) == statements, told
        assert (step.round_trips, step.commits) == (round_trips, commits), told
        assert step.wal <= wal, told
    assert sum(step.round_trips for step in steps) <= ROUND_TRIPS, told
    assert sum(step.commits for step in steps) <= COMMITS, told
    assert sum(step.wal for step in steps) <= WAL, told


@pytest.mark.req("T2")
def test_no_step_of_a_life_is_planned_each_time(life: Life) -> None:
    for _ in range(8):
        life.live()
    rows = life.meter.database.connection.execute(
        "SELECT statement FROM pg_prepared_statements"
        " WHERE custom_plans > 5 AND generic_plans + custom_plans >= 8"
    ).fetchall()
    assert [text for (text,) in rows if not text.startswith(PLANNED_EACH_TIME)] == []
