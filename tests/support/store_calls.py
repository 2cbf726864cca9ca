"""The statements that stores run, read from their source: which class, in which method."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.source_tree import ROOT

POSTGRES = ROOT / "layers/core/python/aiwebhook/postgres"
QUERIES = POSTGRES / "queries"
READS = {
    **dict.fromkeys(("along", "row", "rows", "only", "value", "values"), 2),
    "_write": 3,
}
"""Methods that read, and where among their arguments the class of a row is."""
RUNS = {*READS, "run"}
_THROUGH = ("database.py", "flush.py", "command_ledger.py")
"""Where a statement's name is an argument, not yet a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCall:
    """`self._database.row("find_task", params, TaskRow)`. `kind` None: for its effect."""

    module: str
    method: str
    reads: str
    statement: str
    kind: str | None
    as_call: bool = False
    """Written as `Call.row(…)`: one of several that the method runs."""

    def __str__(self) -> str:
        return f"{self.module}.{self.method} runs {self.statement}"


@cache
def store_calls(folder: Path = POSTGRES) -> tuple[StoreCall, ...]:
    """Every call that runs a statement. Raises AssertionError for one whose name or class is not
    written out where it is run.
    """
    return tuple(
        call
        for path in sorted(folder.glob("*.py"))
        for call in _calls(ast.parse(path.read_text(encoding="utf-8")), path)
    )


def statements() -> frozenset[str]:
    """The names of all query files."""
    return frozenset(path.stem for path in QUERIES.glob("*.sql"))


def _calls(tree: ast.Module, path: Path) -> Iterator[StoreCall]:
    for owner in ast.walk(tree):
        if not isinstance(owner, ast.ClassDef):
            continue
        for member in owner.body:
            match member:
                case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                    for node in ast.walk(member):
                        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                            yield from _call(node, node.func, name, path)
                case _:
                    pass


def _call(node: ast.Call, func: ast.Attribute, method: str, path: Path) -> Iterator[StoreCall]:
    owner = ast.unparse(func.value)
    if func.attr not in RUNS or owner not in {"self._database", "self", "Call"} or not node.args:
        return
    name, place = node.args[0], READS.get(func.attr)
    kind = None if place is None else node.args[place]
    literal = isinstance(name, ast.Constant) and isinstance(kind, ast.Name | None)
    if not literal and path.name in _THROUGH:
        return
    assert isinstance(name, ast.Constant), f"{path.name}:{node.lineno} names no statement"
    assert isinstance(kind, ast.Name | None), f"{path.name}:{node.lineno} names no class"
    yield StoreCall(
        module=path.stem,
        method=method,
        reads=func.attr,
        statement=str(name.value),
        kind=None if kind is None else kind.id,
        as_call=owner == "Call",
    )
