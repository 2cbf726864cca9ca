"""Arguments that are more than a word."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import typer

from aiwebhook_cli.printing import print_hint

Json = dict[str, Any]
STDIN = "-"


def json_object(text: str | None, option: str) -> Json | None:
    """A JSON object given as text, as @file, or as `-`, standard input. Raises BadParameter."""
    if text is None:
        return None
    if text == STDIN:
        text = _standard_input(option)
    elif text.startswith("@"):
        text = _text_of_file(text[1:], option)
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise typer.BadParameter(f"{option} is not JSON: {exc}.") from exc
    if not isinstance(value, dict):
        raise typer.BadParameter(f"{option} must be a JSON object.")
    return cast("Json", value)


def text_or_stdin(text: str | None, argument: str) -> str | None:
    """`-` means what comes on standard input, `@file` what is in it; `@@` a text that begins with
    one @. Raises BadParameter.
    """
    if text == STDIN:
        return _standard_input(argument)
    if text is None or not text.startswith("@"):
        return text
    return text[1:] if text.startswith("@@") else _text_of_file(text[1:], argument)


def agents_to_complete(ctx: typer.Context, incomplete: str) -> Sequence[str]:
    """The names of agents that begin so, for the shell."""
    from aiwebhook_cli.completion import agent_names  # noqa: PLC0415 at a Tab only

    return agent_names(ctx, incomplete)


def profiles_to_complete(incomplete: str) -> Sequence[str]:
    """The names of profiles that begin so, for the shell."""
    from aiwebhook_cli.completion import profile_names  # noqa: PLC0415 at a Tab only

    return profile_names(incomplete)


def present(**fields: object) -> Json:
    """The fields that were given."""
    return {name: value for name, value in fields.items() if value is not None}


def _text_of_file(name: str, argument: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as exc:  # a null byte in the name is a ValueError too
        why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise typer.BadParameter(f"{argument}: cannot read {name}: {why}.") from exc


def _standard_input(argument: str) -> str:
    if sys.stdin.isatty():
        print_hint(f"Type the {argument.lower().strip('-')}, then Ctrl-D.")
    try:
        text = sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as exc:
        raise typer.BadParameter(f"{argument}: standard input is not UTF-8 text.") from exc
    if not text.strip():
        raise typer.BadParameter(f"{argument}: standard input was empty.")
    return text
