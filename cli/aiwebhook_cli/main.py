"""The entry point: one command line, from its words to an exit code (exits.py).

What answers `--help` imports no command and no parser; a command line imports what it calls.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from aiwebhook_cli.streams import prepare_streams, silence, write_own

ROOT_HELP = "root_help.txt"
"""What `aiwebhook --help` shows, beside this module; `make docs` writes it."""
_ASKS_FOR_HELP = (["--help"], ["-h"])
_DONE = 0  # exits.ExitCode.DONE, whose module costs 15 ms


def main(arguments: Sequence[str] | None = None) -> None:
    sys.exit(run_command_line(sys.argv[1:] if arguments is None else arguments))


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code. Whatever happens, no trace of ours is shown."""
    prepare_streams()
    hoisted = hoist_globals(arguments)
    as_json = hoisted[:1] in (["--json"], ["--jsonl"])
    try:
        code = _run(hoisted)
        sys.stdout.flush()  # here, not while Python exits, so that a full disk is noticed
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough.
        silence(sys.stdout)
        return _DONE
    except Exception as error:
        from aiwebhook_cli.error_exit import TRACE, report  # noqa: PLC0415 most end well

        if TRACE in os.environ:  # noqa: TID251 the edge
            raise
        code = report(error, as_json=as_json)
    return code


def _run(arguments: Sequence[str]) -> int:
    """Whoever asks for help should not wait for what only commands need."""
    if list(arguments) in _ASKS_FOR_HELP:
        from pathlib import Path  # noqa: PLC0415 pathlib costs 5 ms

        write_own((Path(__file__).parent / ROOT_HELP).read_text(encoding="utf-8"))
        return _DONE
    if "_AIWEBHOOK_COMPLETE" in os.environ:  # noqa: TID251 the edge
        from aiwebhook_cli.completion import answer_shell  # noqa: PLC0415 a shell asks

        return answer_shell(os.environ)  # noqa: TID251 the edge
    if list(arguments) == ["--version"]:
        from aiwebhook_cli.version import version_sentence  # noqa: PLC0415 it costs 15 ms

        write_own(version_sentence())
        return _DONE
    from aiwebhook_cli.invocation import invoke_command  # noqa: PLC0415 typer costs 40 ms

    return invoke_command(arguments)


def hoist_globals(arguments: Sequence[str]) -> list[str]:
    """Global options to the front, wherever they stand; nothing behind `--` is touched."""
    front: list[str] = []
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            return [*front, *rest, word, *waiting]
        if word in ("--json", "--jsonl"):
            front.insert(0, word)
        elif word.startswith("--json="):
            front = ["--json", *front, f"--json-fields={word.removeprefix('--json=')}"]
        elif word.startswith(("--url=", "--key=", "--profile=", "--store=")):
            front.append(word)
        elif word in ("--url", "--key", "--profile", "--store") and waiting:
            front += [word, waiting.pop(0)]
        else:
            rest.append(word)
    return [*front, *rest]
