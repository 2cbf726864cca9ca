"""Ends every command in every way: each in a process forked from this one, which has imported all.

    python -m tests.cli.every_command SESSION TASK

Prints a JSON list of what ended otherwise than with a sentence and an exit code of ours.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import typer

from aiwebhook_cli.__main__ import entry
from aiwebhook_cli.command_tree import command_tree
from aiwebhook_cli.exits import ExitCode
from tests.cli.generated import commands_of

LONG = ("listen", "worker", "doctor", "local", "cloud", "mcp", "events tail", "task watch", "agent")
"""They serve, wait, or look at the machine: only their help is asked for."""
_SECONDS = 30


def no_room() -> None:
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)


def no_room_for_errors_either() -> None:
    no_room()
    os.dup2(1, 2)


def no_reader() -> None:
    read, write = os.pipe()
    os.close(read)
    os.dup2(write, 1)


def no_output() -> None:
    os.close(1)
    sys.stdout = None  # as Python finds it


def no_home() -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "AIWEBHOOK_HOME"):
        os.environ.pop(name, None)  # noqa: TID251 - what is tried
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


ENDINGS: tuple[Callable[[], None], ...] = (
    no_room,
    no_room_for_errors_either,
    no_reader,
    no_output,
    no_home,
)
_OF_HELP = {no_room: ExitCode.FAILED, no_reader: ExitCode.DONE}
"""Help is always printed, whatever the deployment says."""


def command_lines(known: dict[str, str]) -> Iterator[list[str]]:
    """Each command with what it asks for."""
    for name, command in commands_of(typer.main.get_command(command_tree()), ""):
        words = name.split()
        yield [*words, "--help"]
        if name.strip().startswith(LONG):
            continue
        given: list[str] = []
        for parameter in command.params:
            if parameter.required:
                value = known.get(parameter.name) or _any_value(parameter)
                given += [parameter.opts[-1], value] if parameter.opts[0][:1] == "-" else [value]
        yield [*words, *given]


def _any_value(parameter: Any) -> str:
    choices = getattr(parameter.type, "choices", None)
    return str(next(iter(choices))) if choices else "nothing"


def ended(words: list[str], ending: Callable[[], None]) -> tuple[int, str]:
    """The wait status, and what went to standard error."""
    with tempfile.TemporaryFile() as errors:
        pid = os.fork()
        if pid == 0:
            os.dup2(errors.fileno(), 2)
            ending()
            signal.alarm(_SECONDS)
            sys.argv = ["aiwebhook", *words]
            entry()  # it exits: SystemExit goes through to the end of this program, as in life
        _, status = os.waitpid(pid, 0)
        errors.seek(0)
        return status, errors.read().decode(errors="replace")


def wrong(words: list[str], ending: Callable[[], None]) -> dict[str, Any] | None:
    """What is to be said against this ending."""
    status, errors = ended(words, ending)
    code = os.waitstatus_to_exitcode(status)
    codes = [_OF_HELP[ending]] if words[-1] == "--help" else list(ExitCode)
    silent = code == ExitCode.FAILED and not errors and ending is not no_room_for_errors_either
    traced = "Traceback" in errors or "Exception ignored" in errors
    if code in codes and not silent and not traced:
        return None
    return {"words": words, "ending": ending.__name__, "code": code, "errors": errors}


def main(session_id: str, task_id: str) -> None:
    known = {"session_id": session_id, "task_id": task_id, "agent": "researcher"}
    found = [
        each
        for words in command_lines(known)
        for ending in (ENDINGS if words[-1] != "--help" else (no_room, no_reader))
        if (each := wrong(words, ending)) is not None
    ]
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
