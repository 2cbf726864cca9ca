"""Loads `queries/*.sql`: one statement, one file, named parameters (`%(name)s`).

What several statements must do alike (number events, fan out callbacks, count attempts) lies once
in `queries/parts/` as common table expressions; a line `-- include <part>` puts it in. Each part
says in its head what it needs and what it gives.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import LiteralString, cast

_INCLUDE = re.compile(r"^-- include (\w+)(,?)$", re.MULTILINE)


@cache
def statement(name: str) -> LiteralString:
    """The text of `queries/<name>.sql`, parts put in. Raises FileNotFoundError for an unknown name.

    The cast is the only one allowed on SQL: the text comes from our own package, never
    from a request.
    """
    text = _INCLUDE.sub(_part, _read(f"{name}.sql"))
    return cast(LiteralString, text)


def _part(include: re.Match[str]) -> str:
    return _read("parts", f"{include[1]}.sql").removesuffix("\n") + include[2]


def _read(*path: str) -> str:
    return files("aiwebhook.postgres").joinpath("queries", *path).read_text(encoding="utf-8")
