"""`aiwebhook local …`: thin over aiwebhook_local, which is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, cast

import typer

from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.printing import console, print_done, print_fields
from aiwebhook_cli.target import Globals

if TYPE_CHECKING:
    from aiwebhook_local.stack import StackOptions

_LOCAL = ("aiwebhook_local", "aiwebhook_cli.demo")  # whose errors are a sentence to be shown
app = typer.Typer(help="Run the whole system on this machine.", no_args_is_help=True)


@app.command(epilog="Example: AIWEBHOOK_PORT=8080 aiwebhook local up")
def up(
    ctx: typer.Context,
    public_url: Annotated[
        str | None,
        typer.Option(help="The https address of a tunnel to this machine."),
    ] = None,
) -> None:
    """Run the stack until Ctrl-C; prints URL, API key, the owner's sign-in code and a curl line."""
    with _print_plainly():
        from aiwebhook_local import supervisor  # noqa: PLC0415 see the module's docstring

        environ = cast("Globals", ctx.obj).environ
        supervisor.up(supervisor.options_from(environ, public_url=public_url))


@app.command(epilog="Example: aiwebhook local down")
def down(ctx: typer.Context) -> None:
    """Stop the stack, and what a killed one left behind."""
    options = cast("Globals", ctx.obj)
    with _print_plainly():
        from aiwebhook_local import supervisor  # noqa: PLC0415 as above

        stopped = supervisor.down(_options(ctx).home)
    sentence = "The stack is stopped." if stopped else "No stack was running."
    print_done(options, {"stopped": stopped}, sentence)


@app.command(epilog="Example: aiwebhook local status --json")
def status(ctx: typer.Context) -> None:
    """Show whether the stack runs, and where. Exits with 1 if it does not."""
    options = cast("Globals", ctx.obj)
    with _print_plainly():
        from aiwebhook_local import supervisor  # noqa: PLC0415 as above

        found = supervisor.status(_options(ctx).home)
    body = {
        "running": found.running,
        "ready": found.ready,
        "url": found.url,
        "home": str(found.home),
        "api_key_file": str(found.api_key_file),
        "ports": found.ports,
        "pids": found.pids,
    }
    print_fields(options, body)
    raise typer.Exit(0 if found.ready else 1)


@app.command(epilog="Example: aiwebhook local demo")
def demo(ctx: typer.Context) -> None:
    """Run the main job on real input: a meeting becomes memories, a brief and a signed callback."""
    with _print_plainly():
        from aiwebhook_cli.demo.run import run_demo  # noqa: PLC0415 as above

        run_demo(_options(ctx), console())


def _options(ctx: typer.Context) -> StackOptions:
    from aiwebhook_local import supervisor  # noqa: PLC0415 as above

    return supervisor.options_from(cast("Globals", ctx.obj).environ)


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
    if isinstance(exc, OSError) and exc.filename is not None:
        return f"{exc.filename}: {exc.strerror}."
    return str(exc) or type(exc).__name__
