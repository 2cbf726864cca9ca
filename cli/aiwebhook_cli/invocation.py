"""Runs one command line as typer does, without its way to exit and to print errors."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import typer

from aiwebhook_cli.command_tree import command_tree
from aiwebhook_cli.exits import ExitCode
from aiwebhook_cli.printing import print_hint


def invoke_command(arguments: Sequence[str]) -> int:
    """The exit code. Raises what the command raises, and TyperException for wrong usage."""
    try:
        for argument in arguments:
            argument.encode()
        command = typer.main.get_command(command_tree(arguments))
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
