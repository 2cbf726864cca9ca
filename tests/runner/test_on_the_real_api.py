"""The real runner with the real agents against the real Runs API on real Postgres."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_runner.exits import RunExitCode
from tests.runner.built_in import meeting_chunks
from tests.runner.conftest import RunnerProcess
from tests.runner.fake_runs_api import FakeRunsApi
from tests.support.http_front import HttpFront
from tests.support.session_api import ApiDriver, Outside, session_api_handler


class Launcher:
    """Plays dispatcher and Fargate: claims a task and starts the runner for it."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.driver = ApiDriver(dsn)
        self._outside = Outside(blobs=self.driver.outside.blobs)
        self.front = HttpFront(session_api=lambda: session_api_handler(dsn, self._outside))
        self._folder = folder
        self._runners: list[RunnerProcess] = []

    def meeting(self) -> str:
        """A session with the demo's meeting in it."""
        session_id = self.driver.session()
        for chunk in meeting_chunks():
            told = self.driver.post(f"/v1/sessions/{session_id}/conversation", chunk)
            assert told.status == 200, told.text
        return session_id

    def launch(self, session_id: str, agent: str, **task: Any) -> tuple[str, RunnerProcess]:
        """A task of the agent, and the runner at work on it."""
        task_id = self.driver.task(session_id, agent_name=agent, **task)
        claimed = self.driver.claim_for_launch(agent)
        folder = self._folder / task_id
        folder.mkdir()
        runner = RunnerProcess(FakeRunsApi(), folder)
        self._runners.append(runner)
        runner.start(
            AIWEBHOOK_API_URL=self.front.url,
            AIWEBHOOK_TASK_ID=task_id,
            AIWEBHOOK_BOOTSTRAP_CODE=self.driver.api.lease_keys().bootstrap_code(
                claimed.attempt_id
            ),
        )
        return task_id, runner

    def task(self, task_id: str) -> dict[str, Any]:
        """What became of it."""
        return self.driver.get(f"/v1/tasks/{task_id}").data

    def close(self) -> None:
        """End and close everything."""
        for runner in self._runners:
            runner.close()
            runner.api.stop()
        self.driver.outside.close()
        self._outside.close()


@pytest.fixture
def launcher(database: str, tmp_path: Path) -> Iterator[Launcher]:
    launcher = Launcher(database, tmp_path)
    with launcher.front:
        yield launcher
        launcher.close()


@pytest.mark.req("T4", "T5")
def test_the_built_in_agents_do_the_main_job_one_after_the_other(launcher: Launcher) -> None:
    session_id = launcher.meeting()

    processed, runner = launcher.launch(session_id, "conversation_processor")
    assert runner.exit_code() == RunExitCode.RECORDED
    result = launcher.task(processed)
    assert result["status"] == "completed"
    assert result["output"]["counts"]["decision"] >= 10
    memories = launcher.driver.get(f"/v1/sessions/{session_id}/memories?limit=100").data["memories"]
    assert len(memories) == result["output"]["stored"]

    again, runner = launcher.launch(session_id, "conversation_processor")
    assert runner.exit_code() == RunExitCode.RECORDED
    assert launcher.task(again)["output"]["stored"] == 0

    tidied, runner = launcher.launch(session_id, "memory_keeper")
    assert runner.exit_code() == RunExitCode.RECORDED
    assert launcher.task(tidied)["output"]["superseded"] == 1

    briefed, runner = launcher.launch(session_id, "researcher", description="When is the beta?")
    assert runner.exit_code() == RunExitCode.RECORDED
    brief = launcher.task(briefed)
    assert "twenty-second of January" in brief["say"]
    artifacts = launcher.driver.get(f"/v1/sessions/{session_id}/artifacts").data["artifacts"]
    assert {artifact["name"] for artifact in artifacts} == {"brief.md", "memory-report.md"}


@pytest.mark.req("T4")
def test_a_launch_with_a_used_code_is_refused(launcher: Launcher) -> None:
    session_id = launcher.driver.session()
    task_id, runner = launcher.launch(session_id, "researcher")
    assert runner.exit_code() == RunExitCode.RECORDED
    assert launcher.task(task_id)["status"] == "completed"

    runner.start(AIWEBHOOK_API_URL=launcher.front.url, AIWEBHOOK_TASK_ID=task_id)
    assert runner.exit_code() == RunExitCode.REFUSED
