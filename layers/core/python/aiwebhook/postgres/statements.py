"""Loads `queries/*.sql`: one statement, one file, named parameters (`%(name)s`)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import LiteralString, cast


@cache
def statement(name: str) -> LiteralString:
    """The text of `queries/<name>.sql`. Raises FileNotFoundError for an unknown name.

    The cast is the only one allowed on SQL: the text comes from our own package, never from a request.
    """
    text = files(__package__).joinpath("queries", f"{name}.sql").read_text(encoding="utf-8")
    return cast(LiteralString, text)
