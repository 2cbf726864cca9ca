"""The one way in which our modules are compiled, for wherever they will run (docs/adr/0017)."""

from __future__ import annotations

import ast
import importlib.util
import marshal
from pathlib import Path

from aiwebhook.bytecode.expand import expand

HASH_BASED, CHECK_SOURCE = 0b01, 0b10  # flags of PEP 552


def pyc(source: bytes, *, runs_at: str, checked: bool = False) -> bytes:
    """The content of a .pyc for this Python, valid whatever the times of the source and of itself.

    `runs_at` is the path in tracebacks. With `checked`, Python compares the source at every import
    and compiles it anew, plainly, when it has changed. Raises SyntaxError.
    """
    tree = ast.parse(source, runs_at)
    expand(tree)
    code = compile(tree, runs_at, "exec", dont_inherit=True)
    flags = HASH_BASED | (CHECK_SOURCE if checked else 0)
    head = importlib.util.MAGIC_NUMBER + flags.to_bytes(4, "little")
    return head + importlib.util.source_hash(source) + marshal.dumps(code)


def compile_folder(folder: Path, *, runs_at: Path | None = None, checked: bool = False) -> int:
    """Write a .pyc for every module below a folder; how many. Raises SyntaxError."""
    modules = sorted(folder.rglob("*.py"))
    for module in modules:
        place = str((runs_at or folder.absolute()) / module.relative_to(folder))
        target = Path(importlib.util.cache_from_source(str(module)))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(pyc(module.read_bytes(), runs_at=place, checked=checked))
    return len(modules)
