"""One task after the other, each from its accept to its acknowledgement, metered step by step."""

from __future__ import annotations

from aiwebhook.postgres.run_stop_store import PostgresRunStopStore
from aiwebhook.usecases.launch_run import DispatchServices, dispatch_tasks
from tests.support.cost import CostMeter, Step
from tests.support.fakes import FakeLauncher, FakeStopper
from tests.support.session_api import BRIEF, ApiDriver, Run

TASK = {"description": "Look into it", "input_data": {"text": "x" * 780}}
AGENT = "researcher"


class Life:
    """What one project's tasks cost; `live()` is one of them."""

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
