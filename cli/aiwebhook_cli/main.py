"""The entry point: global options and groups of commands. How they end: exits.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from aiwebhook_cli import (
    agents,
    connections,
    deliveries,
    doctor,
    keys,
    listen,
    local,
    mcp,
    migrate,
    people,
    profile_commands,
    retention,
    sessions,
    sources,
    subscriptions,
    tasks,
    worker,
)
from aiwebhook_cli.cloud import images as cloud
from aiwebhook_cli.error_exit import TRACE, prepare_streams, report, silence
from aiwebhook_cli.exits import ExitCode
from aiwebhook_cli.printing import print_hint
from aiwebhook_cli.target import Globals

_EXAMPLES = """Examples:

  aiwebhook local up                        run everything on this machine

  aiwebhook session create plan --title "Carbon tracking"

  aiwebhook task delegate plan researcher "Write a brief" --wait

  aiwebhook task list --status failed --json | jq .

  aiwebhook doctor                          what is wrong, and what to do

--json, --url, --key and --profile may stand anywhere.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (docs/cli.md).
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
app.add_typer(people.app, name="people")
app.add_typer(connections.app, name="connections")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(sources.app, name="sources")
app.add_typer(mcp.app, name="mcp")
app.add_typer(cloud.app, name="cloud")
app.add_typer(profile_commands.app, name="profile")
app.add_typer(retention.app, name="retention")
app.add_typer(migrate.app, name="migrate")
app.command(name="prune", epilog="Example: aiwebhook prune --dry-run")(retention.prune_now)
app.command(name="listen", epilog=listen.EXAMPLES)(listen.listen)
app.command(name="doctor")(doctor.doctor)
app.command(name="worker", epilog=worker.EXAMPLES)(worker.worker)


@app.callback()
def root(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    url: Annotated[
        str | None,
        typer.Option("--url", help="The deployment. Default: AIWEBHOOK_URL, .local, a profile."),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="API key. Default: the one beside the address.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="A deployment of 'aiwebhook profile list'.")
    ] = None,
) -> None:
    """What every command needs to know."""
    ctx.obj = Globals(
        json=json,
        url=url,
        key=key,
        profile=profile,
        environ=os.environ,  # noqa: TID251 the edge
        folder=_here(),
    )


def _here() -> Path:
    """The working folder; the root where somebody has deleted it."""
    try:
        return Path.cwd()
    except OSError:
        return Path("/")


def main(arguments: Sequence[str] | None = None) -> None:
    sys.exit(run_command_line(sys.argv[1:] if arguments is None else arguments))


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code. Whatever happens, no trace of ours is shown."""
    prepare_streams()
    hoisted = hoist_globals(arguments)
    as_json = hoisted[:1] == ["--json"]
    try:
        code = _invoke(hoisted)
        sys.stdout.flush()  # here, not while Python exits, so that a full disk is noticed
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough.
        silence(sys.stdout)
        return ExitCode.DONE
    except Exception as error:
        if TRACE in os.environ:  # noqa: TID251 the edge
            raise
        code = report(error, as_json=as_json)
    return code


def _invoke(arguments: Sequence[str]) -> int:
    """Typer's own way to run a command without its way to exit and to print errors."""
    try:
        for argument in arguments:
            argument.encode()
        command = typer.main.get_command(app)
        with command.make_context("aiwebhook", list(arguments)) as ctx:
            command.invoke(ctx)
    except typer.Exit as exit_:
        return exit_.exit_code
    except (typer.Abort, EOFError) as aborted:
        by_hand = isinstance(aborted.__cause__ or aborted.__context__, KeyboardInterrupt)
        return _interrupted() if by_hand else ExitCode.FAILED
    except KeyboardInterrupt:
        return _interrupted()
    except UnicodeEncodeError as exc:
        raise typer.BadParameter("an argument is not UTF-8 text.") from exc
    return ExitCode.DONE


def _interrupted() -> int:
    with suppress(OSError):
        print_hint("")  # the terminal shows ^C; what follows stands on a line of its own
    return ExitCode.INTERRUPTED


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
        elif word.startswith(("--url=", "--key=", "--profile=")):
            front.append(word)
        elif word in ("--url", "--key", "--profile") and waiting:
            front += [word, waiting.pop(0)]
        else:
            rest.append(word)
    return [*front, *rest]
