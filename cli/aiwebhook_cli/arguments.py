"""Arguments that are more than a word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import typer

Json = dict[str, Any]


def json_object(text: str | None, option: str) -> Json | None:
    """A JSON object given as text, or as @file. Raises BadParameter."""
    if text is None:
        return None
    if text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise typer.BadParameter(f"{option}: cannot read {text[1:]}") from exc
    try:
        value: object = json.loads(text)
    except ValueError as exc:
        raise typer.BadParameter(f"{option} is not JSON: {exc}") from exc
    if not isinstance(value, dict):
        raise typer.BadParameter(f"{option} must be a JSON object")
    return cast("Json", value)


def present(**fields: object) -> Json:
    """The fields that were given."""
    return {name: value for name, value in fields.items() if value is not None}
