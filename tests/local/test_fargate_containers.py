"""A run beside its gateway: two containers that live and end as one task."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from aiwebhook_local.ecs_container import with_own_ports
from tests.local.conftest import ToyStack
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("T4", "T5")

# Asks the gateway who it is, and prints the answer and its own environment.
_ASK = """
import json, os, socket
def ask():
    address = os.environ["AIWEBHOOK_GATEWAY_URL"].removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1]))) as connection:
        return json.loads(connection.makefile().read())
print("told", json.dumps({"gateway": ask(), "runner": dict(os.environ)}), flush=True)
"""
_FOREVER = "while True: time.sleep(60)\n"


def told(stack: ToyStack, task_arn: str) -> dict[str, Any]:
    """What a runner that began with _ASK printed: `gateway` and `runner`, their environments."""

    def probe() -> dict[str, Any] | None:
        lines = stack.log_of(task_arn).splitlines()
        return next((json.loads(x.removeprefix("told ")) for x in lines if x[:5] == "told "), None)

    return eventually(probe)


def exit_codes(task: dict[str, Any]) -> dict[str, int]:
    """Of each container, by name."""
    return {container["name"]: container["exitCode"] for container in task["containers"]}


def is_gone(pid: int) -> bool:
    """Whether the process has ended."""
    return not psutil.pid_exists(pid)


def test_a_run_finds_its_gateway_listening_at_a_port_of_their_own(toy_stack: ToyStack) -> None:
    tasks = [toy_stack.run_beside_gateway(_ASK + _FOREVER) for _ in range(2)]

    both = [told(toy_stack, task) for task in tasks]

    ports = {answer["gateway"]["AIWEBHOOK_GATEWAY_PORT"] for answer in both}
    assert len(ports) == 2
    assert "8788" not in ports
    for task, answer in zip(tasks, both, strict=True):
        port = answer["gateway"]["AIWEBHOOK_GATEWAY_PORT"]
        assert answer["runner"]["AIWEBHOOK_GATEWAY_URL"] == f"http://127.0.0.1:{port}"
        toy_stack.info.aws.client("ecs").stop_task(task=task)


def test_the_gateway_alone_has_the_provider_key(toy_stack: ToyStack) -> None:
    task = toy_stack.run_beside_gateway(_ASK)

    answer = told(toy_stack, task)

    assert answer["gateway"]["ANTHROPIC_API_KEY"] == "the-key"
    assert answer["runner"]["GITHUB_TOKEN"] == "the-token"
    assert "the-key" not in json.dumps(answer["runner"])
    assert "the-token" not in json.dumps(answer["gateway"])


def test_the_developers_keys_are_written_nowhere(toy_stack: ToyStack) -> None:
    told(toy_stack, toy_stack.run_beside_gateway(_ASK))
    kept = [path for path in toy_stack.info.home.root.rglob("*") if is_kept(path)]

    # The task's own log is where the test had it printed.
    holding = [path.name for path in kept if b"the-key" in path.read_bytes()]

    assert {name.partition("-")[0] for name in holding} <= {"task"}
    assert toy_stack.info.home.stack_file in kept


def is_kept(path: Path) -> bool:
    """A file of the stack itself; the database is another user's."""
    return path.is_file() and "postgres" not in path.parts


def test_what_is_meant_for_tasks_reaches_them_and_their_clis_come_first(
    toy_stack: ToyStack,
) -> None:
    answer = told(toy_stack, toy_stack.run_beside_gateway(_ASK))

    for container in ("gateway", "runner"):
        assert answer[container]["AIWEBHOOK_UPSTREAM_ANTHROPIC"] == "http://127.0.0.1:1"
        first = answer[container]["PATH"].split(os.pathsep)[0]
        assert Path(first) == toy_stack.project.root / ".build" / "agents" / "bin"


@pytest.mark.req("T7")
def test_when_the_runner_ends_its_gateway_is_stopped(toy_stack: ToyStack) -> None:
    task = toy_stack.run_beside_gateway(_ASK + "raise SystemExit(3)")
    gateway = told(toy_stack, task)["gateway"]["pid"]

    end = toy_stack.stopped(task)

    assert exit_codes(end) == {"runner": 3, "gateway": 0}
    assert end["stopCode"] == "EssentialContainerExited"
    assert is_gone(gateway)


@pytest.mark.req("T7")
def test_when_the_gateway_dies_the_run_is_told_to_stop(toy_stack: ToyStack) -> None:
    script = "import signal\nsignal.signal(15, lambda *_: exit(5))\n" + _ASK + _FOREVER
    task = toy_stack.run_beside_gateway(script, startedBy="lost-gateway")

    os.kill(told(toy_stack, task)["gateway"]["pid"], signal.SIGKILL)

    detail = toy_stack.recorded("lost-gateway")["detail"]
    assert exit_codes(detail) == {"runner": 5, "gateway": 137}
    assert detail["stopCode"] == "EssentialContainerExited"


@pytest.mark.req("T7")
def test_a_stopped_run_still_has_its_gateway_while_it_hands_back(toy_stack: ToyStack) -> None:
    script = _ASK + "import signal\nsignal.signal(15, lambda *_: (print('last', ask()), exit(6)))\n"
    task = toy_stack.run_beside_gateway(script + "print('ready', flush=True)\n" + _FOREVER)
    eventually(lambda: "ready" in toy_stack.log_of(task))

    toy_stack.info.aws.client("ecs").stop_task(task=task)

    assert exit_codes(toy_stack.stopped(task)) == {"runner": 6, "gateway": 0}
    assert "last" in toy_stack.log_of(task)


def test_a_gateway_that_does_not_start_ends_the_task_without_a_run(toy_stack: ToyStack) -> None:
    command = {"name": "gateway", "command": ["python", "-c", "raise SystemExit(4)"]}
    script = {"name": "TOY_SCRIPT", "value": "print('ran')"}
    overrides = [command, {"name": "runner", "environment": [script]}]

    task = toy_stack.run_beside_gateway("", overrides={"containerOverrides": overrides})

    end = toy_stack.stopped(task)
    assert [c.get("exitCode") for c in end["containers"] if c["name"] == "gateway"] == [4]
    assert [c.get("exitCode") for c in end["containers"] if c["name"] == "runner"] == [None]
    assert "ran" not in toy_stack.log_of(task)


def test_only_the_port_itself_is_replaced() -> None:
    environment = {
        "PORT": "8788",
        "URL": "http://127.0.0.1:8788/path",
        "OTHER": "18788 87880 1.8788",
    }
    named = [{"name": name, "value": value} for name, value in environment.items()]
    container = {"name": "any", "portMappings": [{"containerPort": 8788}], "environment": named}

    own = with_own_ports({"containerDefinitions": [container]}, lambda: 5000)

    (changed,) = own["containerDefinitions"]
    assert {item["name"]: item["value"] for item in changed["environment"]} == {
        "PORT": "5000",
        "URL": "http://127.0.0.1:5000/path",
        "OTHER": "18788 87880 1.8788",
    }
    assert container["portMappings"] == [{"containerPort": 8788}]
