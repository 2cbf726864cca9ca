"""Fargate played by processes: what RunTask promises, and what happens when a task ends."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import ToyStack
from tests.support.waiting import eventually

_SHOW = "import json, os; print('environment', json.dumps(dict(os.environ)))"
_FOREVER = "print('ready', flush=True)\nwhile True: time.sleep(60)"


def shown_environment(log: str) -> dict[str, str]:
    """What a task that ran _SHOW printed."""
    line = next(line for line in log.splitlines() if line.startswith("environment "))
    return json.loads(line.removeprefix("environment "))


def running_pid(stack: ToyStack, task_arn: str) -> int:
    """The pid of the toy runner of a task that printed `ready`."""
    eventually(lambda: "ready" in stack.log_of(task_arn))
    folder = stack.info.home.tasks / task_arn.rpartition("/")[2] / "runner"
    found = [p for p in psutil.process_iter() if works_in(p, folder) and "-c" in p.cmdline()]
    return next(p.pid for p in found if "task_init.py" not in " ".join(p.cmdline()))


def works_in(process: psutil.Process, folder: Path) -> bool:
    """Whether the process has its working folder there."""
    try:
        return Path(process.cwd()) == folder
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


@pytest.mark.req("T3")
def test_a_webhook_becomes_a_run_whose_end_reaches_the_reaper(toy_stack: ToyStack) -> None:
    attempt = toy_stack.run("raise SystemExit(3)")

    event = toy_stack.recorded(attempt)

    detail: dict[str, Any] = event["detail"]
    assert (event["source"], event["detail-type"]) == ("aws.ecs", "ECS Task State Change")
    assert (detail["lastStatus"], detail["desiredStatus"]) == ("STOPPED", "STOPPED")
    assert detail["stopCode"] == "EssentialContainerExited"
    assert [container["exitCode"] for container in detail["containers"]] == [3]
    assert detail["group"] == "family:toy-runner"
    assert detail["clusterArn"] == toy_stack.info.outputs["ClusterArn"]
    assert event["resources"] == [detail["taskArn"]]


@pytest.mark.req("T3")
def test_a_task_sees_its_definition_secrets_and_overrides_and_nothing_else(
    toy_stack: ToyStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = toy_stack.run_task(_SHOW)["tasks"][0]
    toy_stack.stopped(task["taskArn"])

    environment = shown_environment(toy_stack.log_of(task["taskArn"]))

    assert environment["PLAIN"] == "plain"
    assert environment["PROVIDER_KEY"] == "the-key"
    assert environment.keys() <= {
        *("PATH", "HOME", "TMPDIR", "LANG", "PYTHONPATH", "PYTHONUNBUFFERED", "LC_CTYPE"),
        *("PLAIN", "PROVIDER_KEY", "TOY_SCRIPT", "AIWEBHOOK_UPSTREAM_ANTHROPIC"),
    }


@pytest.mark.req("T3")
def test_a_repeated_client_token_returns_the_first_task(toy_stack: ToyStack) -> None:
    def launch(_number: int) -> str:
        return toy_stack.run_task(_SHOW, clientToken="once")["tasks"][0]["taskArn"]

    with ThreadPoolExecutor(5) as pool:
        arns = set(pool.map(launch, range(5)))

    assert len(arns) == 1
    with pytest.raises(ClientError, match="already in use with a different RunTask"):
        toy_stack.run_task("pass", clientToken="once")


@pytest.mark.req("T3")
def test_an_unknown_task_definition_is_refused_as_ecs_does(toy_stack: ToyStack) -> None:
    with pytest.raises(ClientError, match="TaskDefinition not found"):
        toy_stack.run_task("pass", taskDefinition="unknown")


@pytest.mark.req("T3")
def test_a_stopped_task_gets_sigterm_and_keeps_its_exit_code(toy_stack: ToyStack) -> None:
    script = "import signal\nsignal.signal(15, lambda *_: exit(5))\n" + _FOREVER
    task = toy_stack.run_task(script)["tasks"][0]
    running_pid(toy_stack, task["taskArn"])

    toy_stack.info.aws.client("ecs").stop_task(task=task["taskArn"], reason="enough")

    end = toy_stack.stopped(task["taskArn"])
    assert (end["stopCode"], end["stoppedReason"]) == ("UserInitiated", "enough")
    assert end["containers"][0]["exitCode"] == 5


@pytest.mark.req("T3")
def test_a_task_that_ignores_sigterm_is_killed_after_its_stop_timeout(toy_stack: ToyStack) -> None:
    script = "import signal\nsignal.signal(15, signal.SIG_IGN)\n" + _FOREVER
    task = toy_stack.run_task(script)["tasks"][0]
    running_pid(toy_stack, task["taskArn"])

    toy_stack.info.aws.client("ecs").stop_task(task=task["taskArn"])

    assert toy_stack.stopped(task["taskArn"])["containers"][0]["exitCode"] == 137


@pytest.mark.req("T7")
def test_a_killed_run_takes_its_descendants_along_and_is_reported(toy_stack: ToyStack) -> None:
    # A descendant in a session of its own, as an agent's tools may start them.
    child = "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; "
    child += "time.sleep(600)'], start_new_session=True)\nprint('child', child.pid)\n"
    task = toy_stack.run_task(child + _FOREVER, startedBy="killed-run")["tasks"][0]
    pid = running_pid(toy_stack, task["taskArn"])
    log = toy_stack.log_of(task["taskArn"])
    descendant = int(next(line for line in log.splitlines() if "child" in line).split()[1])

    os.kill(pid, signal.SIGKILL)

    event = toy_stack.recorded("killed-run")
    assert event["detail"]["containers"][0]["exitCode"] == 137
    assert not psutil.pid_exists(descendant)
    assert not list(toy_stack.info.home.tasks.glob(task["taskArn"].rpartition("/")[2]))


@pytest.mark.req("T7")
def test_a_container_whose_first_process_is_killed_is_gone(toy_stack: ToyStack) -> None:
    task = toy_stack.run_task(_FOREVER, startedBy="killed-init")["tasks"][0]
    pid = running_pid(toy_stack, task["taskArn"])
    init = psutil.Process(pid).ppid()
    assert "task_init.py" in " ".join(psutil.Process(init).cmdline())

    os.kill(init, signal.SIGKILL)

    event = toy_stack.recorded("killed-init")
    assert event["detail"]["containers"][0]["exitCode"] == 137
    eventually(lambda: not psutil.pid_exists(pid))
