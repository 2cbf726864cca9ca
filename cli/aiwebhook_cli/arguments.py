"""Arguments that are more than a word."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import typer

from aiwebhook.clock import utc_now
from aiwebhook_cli.printing import print_hint

Json = dict[str, Any]
STDIN = "-"
_AGO = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


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


def bytes_or_stdin(text: str, argument: str) -> bytes:
    """The same for what need not be text: the exact bytes of standard input or of the
    file. Raises BadParameter.
    """
    if text == STDIN:
        return _bytes_of_stdin(argument)
    if text.startswith("@") and not text.startswith("@@"):
        return _bytes_of_file(text[1:], argument)
    return text.removeprefix("@").encode()


def piped_text(argument: str, *, one_line: bool = False) -> str:
    """What a pipe or a file brings on standard input, without the byte order mark with which some
    editors begin a file. Raises BadParameter."""
    try:
        text = sys.stdin.readline() if one_line else sys.stdin.read()
    except UnicodeDecodeError as exc:
        raise typer.BadParameter(f"{argument}: standard input is not UTF-8 text.") from exc
    return text.removeprefix("\ufeff")


def confirm(question: str, *, yes: bool) -> None:
    """What cannot be undone is asked for, unless `--yes` was given. Raises BadParameter, Abort."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("deleting cannot be undone; add --yes to confirm")
    typer.confirm(question, abort=True)


def moment_of(text: str | None) -> str | None:
    """`30m`, `2h` or `3d` ago as a time; anything else as it is."""
    ago = _AGO.fullmatch(text or "")
    if ago is None:
        return text
    return (utc_now() - timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])).isoformat()


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
        return _bytes_of_file(name, argument).decode("utf-8")
    except UnicodeDecodeError as exc:
        raise typer.BadParameter(f"{argument}: cannot read {name}: it is not UTF-8 text.") from exc


def _bytes_of_file(name: str, argument: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except (OSError, ValueError) as exc:  # a null byte in the name is a ValueError
        why = exc.strerror if isinstance(exc, OSError) else "no file has such a name"
        raise typer.BadParameter(f"{argument}: cannot read {name}: {why}.") from exc


def _standard_input(argument: str) -> str:
    try:
        text = _bytes_of_stdin(argument).decode("utf-8")
    except UnicodeDecodeError as exc:
        raise typer.BadParameter(f"{argument}: standard input is not UTF-8 text.") from exc
    if not text.strip():
        raise typer.BadParameter(f"{argument}: standard input was empty.")
    return text


def _bytes_of_stdin(argument: str) -> bytes:
    if sys.stdin.isatty():
        print_hint(f"Type the {argument.lower().strip('-')}, then Ctrl-D.")
    return sys.stdin.buffer.read()
