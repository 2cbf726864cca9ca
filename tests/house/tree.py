"""The files of this repository as the house rules see them."""

from __future__ import annotations

import ast
import io
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEW_AND_TRACKED = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file: its path from the root, its text, and what is in it."""

    path: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    def comments(self) -> Iterator[tuple[int, str]]:
        """(line, text) of every comment; strings that look like comments are not."""
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


@cache
def files() -> tuple[str, ...]:
    """Every file that git tracks or would add, that still exists."""
    listed = subprocess.run(NEW_AND_TRACKED, cwd=ROOT, capture_output=True, check=True).stdout
    names = sorted({name for name in listed.decode().split("\0") if name})
    return tuple(name for name in names if (ROOT / name).is_file())


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file."""
    return tuple(
        Source(path=name, text=(ROOT / name).read_text(encoding="utf-8"))
        for name in files()
        if name.endswith(".py")
    )
