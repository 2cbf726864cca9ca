"""What runs in a task's container: command and environment, after its definition and overrides."""

import json
import sys
from typing import Any

from aiwebhook_local import emulator
from aiwebhook_local.ecs_records import TaskRecord

# The entry point of the runner's image, used where the definition names no command.
_IMAGE_COMMAND = ["python", "-m", "aiwebhook_runner", "run"]


class EcsError(Exception):
    """An error as ECS answers it: code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def command_of(task: TaskRecord) -> list[str]:
    """The command to start; `python` is the interpreter of this environment."""
    command = _override(task).get("command") or task.container.get("command") or _IMAGE_COMMAND
    if command[0] in {"python", "python3"}:
        return [sys.executable, *command[1:]]
    return list(command)


async def environment_of(task: TaskRecord) -> dict[str, str]:
    """The container's variables, then its secrets, then the overrides of RunTask.

    Raises EcsError when a secret cannot be read.
    """
    variables = _named_values(task.container.get("environment", []))
    for item in task.container.get("secrets", []):
        variables[item["name"]] = await _secret(item["valueFrom"])
    return variables | _named_values(_override(task).get("environment", []))


def _named_values(items: list[dict[str, str]]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in items}


def _override(task: TaskRecord) -> dict[str, Any]:
    overrides = task.request.get("overrides", {}).get("containerOverrides", [])
    named = [item for item in overrides if item.get("name") == task.container["name"]]
    return named[0] if named else {}


async def _secret(value_from: str) -> str:
    """The value of `secret[:json-key[:stage[:version]]]`.

    `secret` is an ARN of seven parts; CloudFormation in the emulator gives the name instead.
    """
    parts = value_from.split(":")
    length = 7 if parts[0] == "arn" else 1
    secret, keys = ":".join(parts[:length]), parts[length:]
    status, answer = await emulator.call(
        "secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": secret}
    )
    if status != 200:
        raise EcsError("ClientException", f"cannot read secret {value_from}")
    value = str(answer["SecretString"])
    return str(json.loads(value)[keys[0]]) if keys and keys[0] else value
