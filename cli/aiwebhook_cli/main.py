"""The entry point: global options, groups of commands, errors without traces, exit codes.

Exit codes: 0 done, 1 failed, 2 used wrongly, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from aiwebhook.errors import AiWebhookError
from aiwebhook_cli import agents, doctor, keys, local, sessions, tasks, worker
from aiwebhook_cli.printing import print_error
from aiwebhook_cli.target import Globals

_EXAMPLES = """Examples:

  aiwebhook local up                        run everything on this machine

  aiwebhook session create plan --title "Carbon tracking"

  aiwebhook task delegate plan researcher "Write a brief" --wait

  aiwebhook task list --status failed --json | jq .

  aiwebhook doctor                          what is wrong, and what to do

--json, --url and --key may stand anywhere.
"""

app = typer.Typer(
    name="aiwebhook",
    help="Hand work from a conversation to background agents.",
    epilog=_EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(local.app, name="local")
app.add_typer(sessions.app, name="session")
app.add_typer(tasks.app, name="task")
app.add_typer(agents.app, name="agent")
app.add_typer(keys.app, name="keys")
app.command(name="doctor")(doctor.doctor)
app.command(name="worker", epilog=worker.EXAMPLES)(worker.worker)


@app.callback()
def root(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    url: Annotated[
        str | None, typer.Option("--url", help="The deployment; else AIWEBHOOK_URL, else .local.")
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="API key; else AIWEBHOOK_API_KEY, else .local.")
    ] = None,
) -> None:
    """What every command needs to know."""
    ctx.obj = Globals(json=json, url=url, key=key, environ=os.environ, folder=Path.cwd())  # noqa: TID251 the edge


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and exit."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code."""
    hoisted = hoist_globals(arguments)
    try:
        app(args=hoisted, prog_name="aiwebhook")
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 1
    except AiWebhookError as error:
        print_error(Globals(json=hoisted[:1] == ["--json"]), error)
        return 1
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; Python must not complain while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0


def hoist_globals(arguments: Sequence[str]) -> list[str]:
    """Global options to the front, wherever they stand; nothing behind `--` is touched."""
    front: list[str] = []
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            return [*front, *rest, word, *waiting]
        if word == "--json":
            front.insert(0, word)
        elif word.startswith(("--url=", "--key=")):
            front.append(word)
        elif word in ("--url", "--key") and waiting:
            front += [word, waiting.pop(0)]
        else:
            rest.append(word)
    return [*front, *rest]
