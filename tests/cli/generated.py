"""What `make docs` writes from the commands: the help of the whole."""

from __future__ import annotations

from pathlib import Path

import typer

from aiwebhook_cli import main
from aiwebhook_cli.command_tree import command_tree

ROOT_HELP_FILE = Path(main.__file__).with_name(main.ROOT_HELP)
_WIDTH = 80


def root_help() -> str:
    """As `aiwebhook --help` shows it on the narrowest terminal that is common."""
    command = typer.main.get_command(command_tree())
    context = command.make_context(
        "aiwebhook", ["doctor"], resilient_parsing=True, terminal_width=_WIDTH
    )
    return command.get_help(context) + "\n"


if __name__ == "__main__":
    ROOT_HELP_FILE.write_text(root_help(), encoding="utf-8")
