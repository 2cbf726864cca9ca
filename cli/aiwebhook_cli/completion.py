"""`aiwebhook completion SHELL`, and what the shell then asks at each Tab."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.profiles import read_profiles
from aiwebhook_cli.streams import write_own
from aiwebhook_cli.target import Globals, connect

ASKED = "_AIWEBHOOK_COMPLETE"
"""The variable by which a shell asks; its value says which shell, and for what."""
EXAMPLES = """Examples:

  eval "$(aiwebhook completion bash)"                                in ~/.bashrc

  aiwebhook completion zsh > ~/.zfunc/_aiwebhook                     a folder of $fpath

  aiwebhook completion fish > ~/.config/fish/completions/aiwebhook.fish
"""


class CompletedShell(StrEnum):
    """Whose completion we know."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(shell: Annotated[CompletedShell, typer.Argument(help="bash, zsh or fish.")]) -> None:
    """Print a script for shell completion. It completes commands,
    options, profiles and agents."""
    from typer import completion as of_typer  # noqa: PLC0415 typer loads it late too

    script_of = of_typer.get_completion_script  # pyright: ignore[reportPrivateImportUsage]  reason: there is no public one; the version is pinned
    write_own(script_of(prog_name="aiwebhook", complete_var=ASKED, shell=shell.value) + "\n")


def answer_shell(environ: Mapping[str, str]) -> int:
    """Tell the shell what may stand where the cursor is; the exit code."""
    from typer import completion as of_typer  # noqa: PLC0415 as above

    from aiwebhook_cli.command_tree import command_tree  # noqa: PLC0415 it looks this module up

    of_typer.completion_init()  # pyright: ignore[reportPrivateImportUsage]  reason: as above
    command = typer.main.get_command(command_tree(_words_before(environ)))
    return of_typer.shell_complete(command, {}, "aiwebhook", ASKED, environ[ASKED])


def profile_names(incomplete: str) -> Sequence[str]:
    """For completion: what cannot be read has no names."""
    try:
        found = read_profiles(os.environ).by_name  # noqa: TID251 the edge
    except AiWebhookError:
        return ()
    return [name for name in found if name.startswith(incomplete)]


def agent_names(ctx: typer.Context, incomplete: str) -> Sequence[str]:
    """For completion: the deployment is asked; one that does not answer has no names."""
    given = ctx.find_root().params
    options = Globals(
        url=given.get("url"),
        key=given.get("key"),
        profile=given.get("profile"),
        environ=os.environ,  # noqa: TID251 the edge
        folder=Path(),
    )
    try:
        with connect(options) as client:
            names = [agent["agent_name"] for agent in client.agents()]
    except (AiWebhookError, OSError):
        return ()
    return [name for name in names if name.startswith(incomplete)]


def _words_before(environ: Mapping[str, str]) -> Sequence[str]:
    """The words before the one at the cursor; bash says them otherwise than zsh and fish."""
    if "COMP_WORDS" in environ:
        return environ["COMP_WORDS"].split()[1 : int(environ.get("COMP_CWORD", "1"))]
    line = environ.get("_TYPER_COMPLETE_ARGS", "")
    words = line.split()[1:]
    return words if line.endswith(" ") else words[:-1]
