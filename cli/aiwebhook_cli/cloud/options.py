"""Options that commands of `aiwebhook cloud` share."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from aiwebhook.errors import Invalid

STAGE_NAME = re.compile(r"[a-z][a-z0-9]{0,19}")
"""What infra/stages.py lets a stage be called."""


def _checked_name(given: str) -> str:
    """AWS is asked for stacks that are called so, and what it answers to other names helps nobody.
    Raises typer's BadParameter."""
    if not STAGE_NAME.fullmatch(given):
        raise typer.BadParameter(f"{given!r} is not a stage's name: a to z and digits, at most 20.")
    return given


def require_terminal(why: str) -> None:
    """Before anything is begun. `why`: the first half of the sentence. Raises Invalid."""
    if not on_terminal():
        raise Invalid(f"{why}, and there is no terminal to answer in.", code="no_terminal")


def on_terminal() -> bool:
    """Whether somebody is there who reads a question and answers it."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout))


StageName = Annotated[
    str,
    typer.Option("--stage", callback=_checked_name, help="dev, prod, or one of stages.toml."),
]
Region = Annotated[str | None, typer.Option("--region", help="Default: the AWS CLI's.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would run.")]
DatabaseFrom = Annotated[
    str | None,
    typer.Option(
        metavar="INSTANCE",
        help="Start with a snapshot, taken now, of an earlier deployment's database.",
    ),
]
Unasked = Annotated[
    bool, typer.Option("--yes", help="Do not ask, neither about new permissions nor before a copy.")
]
