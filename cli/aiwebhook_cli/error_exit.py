"""The end of a command that went wrong: a sentence, the next step, an exit code; no trace."""

from __future__ import annotations

import sys

import typer

from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.exits import ExitCode, Interrupted
from aiwebhook_cli.printing import print_error
from aiwebhook_cli.streams import silence

TRACE = "AIWEBHOOK_TRACE"
"""Set, it shows where an error came from, for who mends the command line itself."""


def report(error: Exception, *, as_json: bool) -> int:
    """Prints the error; returns the exit code. Never raises: standard error may be full too."""
    if isinstance(error, OSError) and error.filename is None:
        silence(sys.stdout)
    known = _as_known(error)
    try:
        print_error(known, as_json=as_json)
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)
    if isinstance(known, Interrupted):
        return ExitCode.INTERRUPTED
    return ExitCode.USAGE if isinstance(error, typer.TyperException) else ExitCode.FAILED


def _as_known(error: Exception) -> AiWebhookError:
    if isinstance(error, AiWebhookError):
        return error
    if isinstance(error, typer.TyperException):
        return _usage(error)
    if isinstance(error, OSError):
        return _of_the_system(error)
    return AiWebhookError(
        f"Something in aiwebhook itself is wrong: {type(error).__name__}: {error}",
        code="internal",
        remedy=f"Please report it, with what {TRACE}=1 shows.",
    )


def _usage(error: typer.TyperException) -> AiWebhookError:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "aiwebhook"
    message = getattr(error, "format_message", lambda: str(error))()
    return AiWebhookError(message, code="usage", remedy=f"'{command} --help' shows how it is used.")


def _of_the_system(error: OSError) -> AiWebhookError:
    why = error.strerror or str(error)
    if error.filename is None:
        return AiWebhookError(
            f"The output could not be written: {why}.",
            code="output",
        )
    return AiWebhookError(
        f"{error.filename}: {why}.",
        code="file",
    )
