"""What happens around a run of a real CLI: two at once, a lost container, a frozen supervisor."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from aiwebhook.client import Json
from tests.agents.lab import Lab, any_repository, run_folder
from tests.agents.matrix import Situation
from tests.support.tenant import Tenant, tenant, tick
from tests.support.waiting import eventually

pytestmark = [pytest.mark.agents, pytest.mark.timeout(300)]

EDITS = Situation(name="edits", scenario="tool")
SLEEPS = Situation(name="sleeps", scenario="sleep")


def supervisor(task_id: str) -> psutil.Process:
    """The runner of a task."""

    def find() -> psutil.Process | None:
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                ours = process.environ().get("AIWEBHOOK_TASK_ID") == task_id
                if ours and "aiwebhook_runner" in process.cmdline():
                    return process
        return None

    return eventually(find, within_s=60)


def tool_called(project: Tenant, session: str) -> None:
    def seen() -> bool:
        return any(e["data"].get("kind") == "tool_call" for e in project.events(session))

    eventually(seen, within_s=90)


@pytest.mark.req("T4", "T5")
def test_two_agents_edit_two_clones_of_one_repository_at_once(lab: Lab, folder: Path) -> None:
    repo = any_repository(lab.folder)
    with tenant(lab.stack) as project:
        session = project.session()
        tasks = {
            agent: lab.delegate(project, session, agent, EDITS, repo=repo)
            for agent in ("claude_code", "codex")
        }
        ended = {agent: project.ended(task, within_s=120) for agent, task in tasks.items()}

    assert {task["status"] for task in ended.values()} == {"completed"}
    work = [task["output"]["workspace"] for task in ended.values()]
    assert work[0]["base"] == work[1]["base"]
    assert work[0]["branch"] != work[1]["branch"]
    assert all(w["files"] == 1 for w in work)


@pytest.mark.req("T7")
def test_a_task_whose_container_is_lost_goes_on_from_its_checkpoint(lab: Lab) -> None:
    with tenant(lab.stack) as project:
        session = project.session()
        task_id = project.delegate(
            session,
            "claude_code",
            description="Do the task. [[scenario:tool_then_sleep]]",
            repo=any_repository(lab.folder).as_uri(),
            max_attempts=3,
            timeout_s=120,
        )
        eventually(lambda: _checkpoints(project, task_id), within_s=120)
        supervisor(task_id).send_signal(signal.SIGKILL)
        # The lost attempt is found by its stopped event; its retry waits for a back-off.
        eventually(lambda: _ready_again(lab, project, task_id), within_s=60)
        task = project.ended(task_id, within_s=120)

    assert task["status"] == "completed", task
    assert task["output"]["workspace"]["files"] == 1
    statuses = [run["status"] for run in task["runs"]]
    assert sorted(statuses) == ["completed", "lost"]


@pytest.mark.req("T7")
def test_a_frozen_supervisor_that_wakes_after_its_lease_changes_nothing(lab: Lab) -> None:
    with tenant(lab.stack) as project:
        session = project.session()
        task_id = lab.delegate(project, session, "codex", SLEEPS)
        tool_called(project, session)
        folder, runner = run_folder(task_id), supervisor(task_id)
        runner.send_signal(signal.SIGSTOP)
        project.sql(
            "UPDATE tasks SET lease_until = now() - interval '1 minute'"
            " WHERE project_id = %(project_id)s AND task_id = %(task_id)s",
            task_id=task_id,
        )
        tick(lab.stack)
        task = project.ended(task_id)
        before = project.events(session)
        runner.send_signal(signal.SIGCONT)
        psutil.wait_procs([runner], timeout=60)
        after = project.events(session)

    assert task["status"] == "failed"
    assert task["error"]["error_class"] == "lost"
    assert [e["id"] for e in before] == [e["id"] for e in after]
    eventually(lambda: not folder.exists())


def _checkpoints(project: Tenant, task_id: str) -> list[Json]:
    query = "SELECT 1 FROM task_checkpoints WHERE task_id = %(task_id)s"
    return project.sql(query, task_id=task_id)


def _ready_again(lab: Lab, project: Tenant, task_id: str) -> bool:
    project.sql(
        "UPDATE tasks SET run_after = now() - interval '1 second'"
        " WHERE project_id = %(project_id)s AND task_id = %(task_id)s AND status = 'pending'",
        task_id=task_id,
    )
    tick(lab.stack)
    [task] = project.sql("SELECT attempts FROM tasks WHERE task_id = %(task_id)s", task_id=task_id)
    return task["attempts"] > 1
