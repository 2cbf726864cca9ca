"""What `make docs` writes from the commands: the help of the whole, and docs/cli.md's reference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from aiwebhook_cli import main
from aiwebhook_cli.command_tree import command_tree

ROOT_HELP_FILE = Path(main.__file__).with_name(main.ROOT_HELP)
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
BEGIN = "<!-- `make docs` writes what follows from the commands -->\n"
_WIDTH = 80


def root_help() -> str:
    """As `aiwebhook --help` shows it on the narrowest terminal that is common."""
    return _help(typer.main.get_command(command_tree()), "aiwebhook")


def reference() -> str:
    """Each command as its `--help` tells of it."""
    parts = ["## Commands\n", "\n```text\n", root_help(), "```\n"]
    for name, command in commands_of(typer.main.get_command(command_tree()), "aiwebhook"):
        parts += [f"\n### {name}\n", "\n```text\n", _help(command, name), "```\n"]
    return "".join(parts)


def group_helps() -> Iterator[tuple[str, str]]:
    """The help of the root and of each group, by its words."""
    root: Any = typer.main.get_command(command_tree())
    yield "aiwebhook", root_help()
    for name, group in root.commands.items():
        if hasattr(group, "commands"):
            yield f"aiwebhook {name}", _help(group, f"aiwebhook {name}")


def written(document: str) -> str:
    """The document with its reference as it is now."""
    return document.split(BEGIN, maxsplit=1)[0] + BEGIN + "\n" + reference()


def commands_of(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name in group.list_commands(None):
        command = group.commands[name]
        own = f"{path} {name}"
        if hasattr(command, "commands"):
            yield from commands_of(command, own)
        else:
            yield own, command


def _help(command: Any, path: str) -> str:
    context = command.make_context(
        path,
        ["x"],
        resilient_parsing=True,
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        help_option_names=["-h", "--help"],
    )
    lines = command.get_help(context).splitlines()
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


if __name__ == "__main__":
    ROOT_HELP_FILE.write_text(root_help(), encoding="utf-8")
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
