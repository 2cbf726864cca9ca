"""`aiwebhook local …`: thin over aiwebhook_local, which is imported only when it is asked for."""

from __future__ import annotations

import math
import shlex
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.printing import (
    console,
    print_done,
    print_fields,
    print_hint,
    print_json,
    print_log_line,
)
from aiwebhook_cli.target import Globals

if TYPE_CHECKING:
    from aiwebhook_local.stack import StackOptions

_LOOK_S = 0.2
_LOCAL = ("aiwebhook_local", "aiwebhook_cli.demo")  # whose errors are a sentence to be shown
app = typer.Typer(help="Run the whole system on this machine.", no_args_is_help=True)


_HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="The folder of the stack's data and logs, instead of .local; also AIWEBHOOK_HOME.",
        file_okay=False,
    ),
]


@app.command(epilog="Example: aiwebhook local up --detach --port 8080")
def up(
    ctx: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(
            help="The stack's port, 0 for any; also AIWEBHOOK_PORT. Default: 8787, if free.",
            min=0,
            max=65_535,
        ),
    ] = None,
    home: _HomeOption = None,
    public_url: Annotated[
        str | None,
        typer.Option(help="The https address of a tunnel to this machine."),
    ] = None,
    emulator: Annotated[
        bool,
        typer.Option(
            "--emulator",
            help="Let the AWS emulator run the functions, not warm processes.",
        ),
    ] = False,
    detach: Annotated[
        bool,
        typer.Option(
            "--detach",
            help="Return when the stack is ready, and let it run; 'aiwebhook local down' stops it.",
        ),
    ] = False,
) -> None:
    """Run the stack until Ctrl-C. Prints URL, API key, the owner's sign-in code
    and a curl line.

    With --store DIR, only what a folder of sessions needs: no database, no AWS, no tasks.
    """
    # reason: every option is a parameter
    store = cast("Globals", ctx.obj).store
    if store is not None:
        with _print_plainly():
            from aiwebhook_cli.folder import local_folder  # noqa: PLC0415 only with --store

            local_folder.up(cast("Globals", ctx.obj), store, port=port, detach=detach)
        return
    with _print_plainly():
        from aiwebhook_local import supervisor  # noqa: PLC0415 see the module's docstring

        environ = cast("Globals", ctx.obj).environ
        given = supervisor.UpOptions(port=port, home=home, public_url=public_url, emulator=emulator)
        options = supervisor.options_from(environ, given)
        if detach:
            _up_detached(ctx, options)
        else:
            supervisor.up(options)


def _up_detached(ctx: typer.Context, options: StackOptions) -> None:
    from aiwebhook_local import supervisor  # noqa: PLC0415 as above
    from aiwebhook_local.detached import up_detached  # noqa: PLC0415 as above

    given, before = ctx.params, cast("Globals", ctx.obj)
    flags = [
        *([] if given["port"] is None else ["--port", str(given["port"])]),
        *([] if given["public_url"] is None else ["--public-url", given["public_url"]]),
        *(["--emulator"] if given["emulator"] else []),
    ]
    up_again = (sys.executable, "-u", "-m", "aiwebhook_cli", "local", "up")
    home = str(options.home.root)
    command = [*up_again, "--home", home, *flags]
    welcome = up_detached(options.home, command, before.environ).welcome
    if before.json:
        found = supervisor.stack_status(options.home)
        print_json(
            before, {"url": found.url, "home": home, "api_key_file": str(found.api_key_file)}
        )
        return
    folder = [] if given["home"] is None else ["--home", home]
    follow = shlex.join(["aiwebhook", "local", "logs", "--follow", *folder])
    stop = shlex.join(["aiwebhook", "local", "down", *folder])
    options.say(f"{welcome}\nIt runs on: '{follow}' shows what it does, '{stop}' stops it.")


@app.command(epilog="Example: aiwebhook local logs --follow lambda task")
def logs(
    ctx: typer.Context,
    parts: Annotated[
        list[str] | None,
        typer.Argument(help="Only these: front, lambda (the functions), task (all runs), task-ID."),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Keep printing new lines, until Ctrl-C.")
    ] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, help="How many lines of each part to start with.")
    ] = 20,
    home: _HomeOption = None,
) -> None:
    """Show the logs of the stack and its agents. Also after `up --detach`."""
    options = cast("Globals", ctx.obj)
    with _print_plainly():
        from aiwebhook_local import supervisor  # noqa: PLC0415 as above
        from aiwebhook_local.log_files import LogFiles  # noqa: PLC0415 as above
        from aiwebhook_local.waiting import wait_until  # noqa: PLC0415 as above

        files = LogFiles(folder=supervisor.home_from(options.environ, home).logs, parts=parts or ())
        if not files.kept():
            wanted = f" of {' or '.join(parts)}" if parts else ""
            print_hint(f"No log{wanted} in {files.folder} yet.")
        for line in files.last_lines(lines):
            print_log_line(options, line.part, line.text)

        def show_new() -> bool:
            for line in files.new_lines():
                print_log_line(options, line.part, line.text)
            return False

        if follow:
            wait_until(show_new, timeout_s=math.inf, period_s=_LOOK_S)


@app.command(epilog="Example: aiwebhook local down")
def down(ctx: typer.Context, home: _HomeOption = None) -> None:
    """Stop the stack, or what a killed one left behind. With --store DIR, the folder's server."""
    options = cast("Globals", ctx.obj)
    if options.store is not None:
        with _print_plainly():
            from aiwebhook_cli.folder import local_folder  # noqa: PLC0415 only with --store

            local_folder.down(options, options.store)
        return
    with _print_plainly():
        from aiwebhook_local import supervisor  # noqa: PLC0415 as above

        stopped = supervisor.down(supervisor.home_from(options.environ, home))
    sentence = "The stack is stopped." if stopped else "No stack was running."
    print_done(options, {"stopped": stopped}, sentence)


@app.command(epilog="Example: aiwebhook local status --json")
def status(ctx: typer.Context, home: _HomeOption = None) -> None:
    """Show whether the stack runs, and where. Exits with 1 if it does not."""
    options = cast("Globals", ctx.obj)
    if options.store is not None:
        with _print_plainly():
            from aiwebhook_cli.folder import local_folder  # noqa: PLC0415 only with --store

            local_folder.show(options, options.store)
    with _print_plainly():
        from aiwebhook_local import supervisor  # noqa: PLC0415 as above

        found = supervisor.stack_status(supervisor.home_from(options.environ, home))
    body = {
        "running": found.running,
        "ready": found.ready,
        "url": found.url,
        "home": str(found.home),
        "api_key_file": str(found.api_key_file),
        "ports": found.ports,
        "pids": found.pids,
    }
    # Not amounts: 8787, where a figure would be written 8,787.
    numbers = {"ports": _as_names(found.ports), "pids": _as_names(found.pids)}
    print_fields(options, body if options.json else body | numbers)
    raise typer.Exit(0 if found.ready else 1)


def _as_names(numbers: dict[str, int]) -> dict[str, str]:
    return {part: str(number) for part, number in numbers.items()}


@app.command(epilog="Example: aiwebhook local demo")
def demo(ctx: typer.Context) -> None:
    """Show the whole system at work. A meeting becomes memories, a brief and
    a signed callback."""
    with _print_plainly():
        from aiwebhook_cli.demo.run import run_demo  # noqa: PLC0415 as above
        from aiwebhook_local import supervisor  # noqa: PLC0415 as above

        environ = cast("Globals", ctx.obj).environ
        run_demo(supervisor.options_from(environ), console())


@contextmanager
def _print_plainly() -> Generator[None]:
    """Errors of the local stack as ours: a sentence and a next step, not a trace."""
    try:
        yield
    except AiWebhookError:
        raise
    except ModuleNotFoundError as exc:
        raise AiWebhookError(
            f"The local stack needs {exc.name}, which is not installed.",
            code="not_installed",
        ) from exc
    except Exception as exc:
        if isinstance(exc, BrokenPipeError):
            raise
        if not (isinstance(exc, OSError) or type(exc).__module__.startswith(_LOCAL)):
            raise
        raise AiWebhookError(
            _sentence(exc),
            code="local_stack",
        ) from exc


def _sentence(exc: Exception) -> str:
    if isinstance(exc, OSError) and exc.strerror is not None:
        return f"{exc.strerror}." if exc.filename is None else f"{exc.filename}: {exc.strerror}."
    return str(exc) or type(exc).__name__
