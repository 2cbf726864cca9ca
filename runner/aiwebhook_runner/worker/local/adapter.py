"""Kind `worker`: checks an action against the worker's configuration and has it executed."""

import os
import sys
from pathlib import Path
from typing import cast

import aiwebhook
import aiwebhook_runner
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters.contract import AgentCannotStart, Launch
from aiwebhook_runner.jsons import JsonObject, encode
from aiwebhook_runner.output.protocol import ProtocolReader
from aiwebhook_runner.process.agent_process import LaunchSpec
from aiwebhook_runner.worker.local.config import WorkerConfigInvalid, load_rules
from aiwebhook_runner.worker.local.rules import (
    LocalAction,
    LocalCommand,
    LocalRequest,
    LocalRules,
    NotAllowed,
    permit,
)

QUIET_GIT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "PAGER": "cat",
    "TERM": "dumb",
    # No transport that starts a program or reads a folder that no rule names.
    "GIT_ALLOW_PROTOCOL": "https:ssh:git",
    # A repository's own settings may name a program that `git status` starts.
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.fsmonitor",
    "GIT_CONFIG_VALUE_0": "false",
}


class LocalAdapter:
    """Reads the configuration for each action, so that a change takes effect at once."""

    state_paths: tuple[str, ...] = ()
    hostile_paths: tuple[str, ...] = ()

    def __init__(self, config: Path | None) -> None:
        self._config = config

    def launch(self, launch: Launch) -> LaunchSpec:
        """Starts our own program for the action, which changes into the directory and runs the
        command: the supervisor bounds it like any agent.
        """
        try:
            request, timeout_s = _request(launch.run.input)
            rules = load_rules(self._config)
            command = permit(request, rules)
        except NotAllowed as exc:
            raise AgentCannotStart(ErrorClass.REFUSED, str(exc), remedy=exc.remedy) from exc
        except WorkerConfigInvalid as exc:
            raise AgentCannotStart(ErrorClass.REFUSED, exc.detail, remedy=exc.remedy) from exc
        return _spec(launch, command, rules, timeout_s)

    def reader(self) -> ProtocolReader:
        return ProtocolReader()


def _spec(
    launch: Launch, command: LocalCommand, rules: LocalRules, timeout_s: float | None
) -> LaunchSpec:
    homes = dict.fromkeys(
        str(Path(package.__path__[0]).parent) for package in (aiwebhook_runner, aiwebhook)
    )
    # A relative entry would be looked up in the directory of the action.
    path = [p for p in launch.environment["PATH"].split(os.pathsep) if p.startswith("/")]
    # git must not find a repository above what is allowed.
    above = dict.fromkeys(str(directory.parent) for directory in rules.directories)
    environment = {
        **launch.environment,
        **QUIET_GIT,
        "GIT_CEILING_DIRECTORIES": os.pathsep.join(above),
        "PATH": os.pathsep.join(path),
    }
    return LaunchSpec(
        argv=(sys.executable, "-P", "-m", "aiwebhook_runner.worker.local.action"),
        environment={**environment, "PYTHONPATH": os.pathsep.join(homes), "PYTHONUTF8": "1"},
        cwd=launch.workspace.work,
        stdin=encode(
            {
                "argv": list(command.argv),
                "directory": str(command.directory),
                "environment": environment,
                "timeout_s": timeout_s,
            }
        ),
    )


def _request(data: JsonObject) -> tuple[LocalRequest, float | None]:
    """The input of a task_command, checked again: any task may name agent `local`."""
    params = cast("JsonObject", data.get("params")) if isinstance(data.get("params"), dict) else {}
    if data.get("action_type") == "claude_code":
        raise NotAllowed(
            "This worker cannot give prompts to Claude Code in a directory of its own.",
            remedy="Delegate it to agent claude_code, with `repo` naming the repository.",
        )
    try:
        action = LocalAction(str(data.get("action_type")))
    except ValueError as exc:
        raise _malformed("action_type must be git, shell or claude_code") from exc
    command = params.get("command")
    if isinstance(command, list):
        words = cast("list[object]", command)
        if not words or not all(isinstance(word, str) for word in words):
            raise _malformed("params.command must be a line or a list of strings")
        command = tuple(cast("list[str]", words))
    elif not isinstance(command, str) or not command:
        raise _malformed("params.command is missing")
    directory, timeout = params.get("working_dir", "."), params.get("timeout")
    if not isinstance(directory, str):
        raise _malformed("params.working_dir must be a string")
    seconds = float(timeout) if isinstance(timeout, int | float) and timeout > 0 else None
    return LocalRequest(action=action, command=command, directory=directory), seconds


def _malformed(rule: str) -> NotAllowed:
    return NotAllowed(
        f"This is not an action: {rule}.", remedy="Send a task_command as documented."
    )
