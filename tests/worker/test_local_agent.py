"""Agent `local` from a claimed task_command to its answer, through a real worker."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.agents import built_in_manifests
from tests.worker.conftest import WorkerProcess, Workshop
from tests.worker.fake_deployment import FakeTask

pytestmark = pytest.mark.req("W3", "T8")

Until = Callable[[Callable[[], bool]], None]
LOCAL = built_in_manifests()["local"].as_json()


def start(workshop: Workshop) -> WorkerProcess:
    """A worker that allows a few things in one repository."""
    repository = workshop.folder / "projects" / "repo"
    repository.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=repository, check=True)
    config = workshop.folder / "worker.toml"
    config.write_text(
        rf"""
        [local]
        actions = ["git", "shell"]
        directories = ["{repository}"]
        [[local.allow]]
        action = "git"
        pattern = "git (status|log|diff)( .*)?"
        [[local.allow]]
        action = "shell"
        pattern = "(env|pwd|seq 1 100000|false|no-such-program|sleep 60|setsid sleep 61)"
        [[local.allow]]
        action = "shell"
        pattern = 'echo "[a-z]+" \| tr a-z A-Z'
        shell = true
        """
    )
    return workshop.worker(
        "--agents", "local", "--config", str(config), ANY_PROVIDER_KEY="sk-any-provider"
    )


def ask(workshop: Workshop, action: str, **params: Any) -> dict[str, Any]:
    """Have it carried out; the one result."""
    given = {"action_type": action, "params": params}
    task: FakeTask = workshop.fake.add(LOCAL, input=given)
    workshop.fake.wait_for(lambda: bool(task.results))
    return task.results[0]


def test_allowed_actions_run_and_all_others_are_refused_with_a_remedy(workshop: Workshop) -> None:
    start(workshop)
    repository = workshop.folder / "projects" / "repo"

    status = ask(workshop, "git", command=["git", "status"], working_dir=".", timeout=30)
    line = ask(workshop, "shell", command='echo "abc" | tr a-z A-Z')
    failing = ask(workshop, "shell", command=["false"])
    env = ask(workshop, "shell", command="env")["output"]["stdout"]
    where = ask(workshop, "shell", command=["pwd"], working_dir=str(repository))
    long = ask(workshop, "shell", command="seq 1 100000")["output"]

    assert status["output"]["success"] is True
    assert "No commits yet" in status["output"]["stdout"]
    assert (status["output"]["stderr"], status["output"]["returncode"]) == ("", 0)
    assert line["output"]["stdout"] == "ABC\n"
    assert (failing["action"], failing["output"]["success"]) == ("complete", False)
    assert failing["output"]["returncode"] == 1
    assert where["output"]["stdout"].strip() == str(repository.resolve())
    assert "sk-any-provider" not in env
    assert "AIWEBHOOK" not in env
    assert "PYTHONPATH" not in env
    assert (len(long["stdout"]), long["truncated"]) == (100_000, True)

    for refused in (
        ask(workshop, "git", command=["git", "push"]),
        ask(workshop, "git", command=["git", "status"], working_dir="/"),
        ask(workshop, "shell", command="env; id"),
        ask(workshop, "shell"),
        ask(workshop, "rm", command="x"),
        ask(workshop, "shell", command=["no-such-program"]),
    ):
        assert (refused["action"], refused["error_class"]) == ("fail", "refused"), refused
        assert refused["message"]
    prompt = ask(workshop, "claude_code", prompt="Do it.")
    assert "agent claude_code" in prompt["remedy"]
    assert not (repository / "id").exists()


def test_a_command_that_outlasts_its_time_is_ended_with_all_its_processes(
    workshop: Workshop, until: Until
) -> None:
    start(workshop)
    late = ask(workshop, "shell", command="sleep 60", timeout=1)
    detached = ask(workshop, "shell", command="setsid sleep 61")
    assert (late["action"], late["error_class"]) == ("fail", "timeout")
    assert detached["output"]["success"] is True
    until(lambda: not _commands_in(workshop.folder / "projects"))


def test_a_command_that_a_stopping_worker_cuts_short_is_not_carried_out_again(
    workshop: Workshop, until: Until
) -> None:
    worker = start(workshop)
    given = {"action_type": "shell", "params": {"command": "sleep 60"}}
    task = workshop.fake.add(LOCAL, input=given)
    until(lambda: bool(_commands_in(workshop.folder / "projects")))

    worker.signal(signal.SIGTERM)
    worker.wait_for("draining")
    worker.signal(signal.SIGTERM)
    workshop.fake.wait_for(lambda: bool(task.results))

    assert worker.exit_code() == 0
    assert task.results[0] | {"error_class": "killed", "retryable": False} == task.results[0]
    assert "retry the task" in task.results[0]["remedy"]


def _commands_in(folder: Path) -> list[str]:
    """What still runs below the folder."""
    running: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder):
                running.append((process / "cmdline").read_text())
        except OSError:
            continue
    return running
