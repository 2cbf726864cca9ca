"""What runs in a task's containers: commands, environments and ports, after
definition and overrides.
"""

import copy
import re
import sys
from collections.abc import Callable
from typing import Any

from aiwebhook_local import emulator
from aiwebhook_local.ecs_records import TaskRecord

# The entry point of the runner's image, used where the definition names no command.
_IMAGE_COMMAND = ["python3.13", "-m", "aiwebhook_runner", "run"]


class EcsError(Exception):
    """An error in ECS's form: code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def with_own_ports(definition: dict[str, Any], choose: Callable[[], int]) -> dict[str, Any]:
    """The definition with a port of its own for each port that a container names.

    On Fargate a task has a loopback interface of its own; here all tasks share the machine's. So a
    container's port is replaced in its port mappings, and in the environment of every container of
    the task, where it stands alone or after a host (`http://127.0.0.1:8788`).
    """
    result = copy.deepcopy(definition)
    mappings = [m for c in result["containerDefinitions"] for m in c.get("portMappings", [])]
    for mapping in mappings:
        port, own = mapping["containerPort"], choose()
        mapping["containerPort"] = own
        mapping.pop("hostPort", None)
        for container in result["containerDefinitions"]:
            for item in container.get("environment", []):
                item["value"] = re.sub(rf"(?<![\w.]){port}(?![\w.])", str(own), item["value"])
    return result


def ports_of(container: dict[str, Any]) -> list[int]:
    """The ports on which the container listens."""
    return [mapping["containerPort"] for mapping in container.get("portMappings", [])]


def command_of(task: TaskRecord, container: dict[str, Any]) -> list[str]:
    """The command to start; any Python is the interpreter of this environment."""
    command = (
        _override(task, container).get("command") or container.get("command") or _IMAGE_COMMAND
    )
    if command[0].startswith("python"):
        return [sys.executable, *command[1:]]
    return list(command)


def is_our_program(command: list[str]) -> bool:
    """The runner or the gateway: their variables are passed sealed, see `aiwebhook.sealed`."""
    return command[1:2] == ["-m"] and command[2].startswith("aiwebhook_")


async def environment_of(task: TaskRecord, container: dict[str, Any]) -> dict[str, str]:
    """The container's variables, then its secrets, then the overrides of RunTask.

    Raises EcsError when a secret cannot be read.
    """
    variables = _named_values(container.get("environment", []))
    for item in container.get("secrets", []):
        variables[item["name"]] = await _secret(item["valueFrom"])
    return variables | _named_values(_override(task, container).get("environment", []))


def _named_values(items: list[dict[str, str]]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in items}


def _override(task: TaskRecord, container: dict[str, Any]) -> dict[str, Any]:
    overrides = task.request.get("overrides", {}).get("containerOverrides", [])
    named = [item for item in overrides if item.get("name") == container["name"]]
    return named[0] if named else {}


async def _secret(secret: str) -> str:
    """The value of a secret, by its ARN; CloudFormation in the emulator gives the name instead."""
    status, answer = await emulator.call(
        "secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": secret}
    )
    if status != 200:
        raise EcsError("ClientException", f"cannot read secret {secret}")
    return str(answer["SecretString"])
