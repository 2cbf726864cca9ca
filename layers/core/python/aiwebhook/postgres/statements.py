"""Loads `queries/*.sql`: one statement, one file, named parameters (`%(name)s`).

What several statements share (number events, fan out callbacks, count attempts) is in
`queries/parts/` as common table expressions; a line `-- include <part>` inserts it. The head of
each part says what it needs and what it provides.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import LiteralString, cast

_INCLUDE = re.compile(r"^-- include (\w+)(,?)$", re.MULTILINE)
_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


@cache
def statement(name: str) -> LiteralString:
    """The text of `queries/<name>.sql` with its parts. Raises FileNotFoundError if unknown.

    Casts to SQL are allowed in this module alone: the text comes from our own package, never
    from a request.
    """
    text = _INCLUDE.sub(_part, _read(f"{name}.sql"))
    return cast(LiteralString, text)


@cache
def numbered(text: LiteralString) -> tuple[bytes, tuple[str, ...]]:
    """A statement as the server takes it, with `$1` for the first of the
    returned parameter names.
    """
    numbers: dict[str, int] = {}

    def number(parameter: re.Match[str]) -> str:
        name = parameter[1]
        return "%" if name is None else f"${numbers.setdefault(name, len(numbers) + 1)}"

    return _PARAMETER.sub(number, text).encode(), tuple(numbers)


def _part(include: re.Match[str]) -> str:
    return _read("parts", f"{include[1]}.sql").removesuffix("\n") + include[2]


def _read(*path: str) -> str:
    return files("aiwebhook.postgres").joinpath("queries", *path).read_text(encoding="utf-8")
