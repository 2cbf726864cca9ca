"""Options that commands of `aiwebhook cloud` share."""

from __future__ import annotations

import re
from typing import Annotated

import typer

STAGE_NAME = re.compile(r"[a-z][a-z0-9]{0,19}")
"""What infra/stages.py lets a stage be called."""


def _checked_name(given: str) -> str:
    """AWS is asked for stacks that are called so, and what it answers to other names helps nobody.
    Raises typer's BadParameter."""
    if not STAGE_NAME.fullmatch(given):
        raise typer.BadParameter(f"{given!r} is not a stage's name: a to z and digits, at most 20.")
    return given


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
