"""Which statements a function can run: read from its source, without running it.

A function reaches the modules that it imports, directly or not. Of the stores among them it reaches
the methods whose name stands somewhere in what it reaches. A name that two stores share counts for
both: that grants too much rather than too little, and `test_grants` shows what it comes to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.support.source_tree import ROOT
from tests.support.store_calls import store_calls

OWNERS = frozenset({"hold_writers", "adopt_database"})
"""Statements that only the owner may run: a restored database waits for `migrate`."""
_CORE, _ROOM = ROOT / "layers/core/python", ROOT / "functions"
_POSTGRES = "aiwebhook.postgres"


@cache
def reached_statements(function: str) -> frozenset[str]:
    """The names of the query files that the function may run."""
    modules = _closure(f"{function}.handler")
    names = _reached_names(modules)
    return frozenset(
        call.statement
        for call in store_calls()
        if f"{_POSTGRES}.{call.module}" in modules and call.method in names
    )


def _reached_names(modules: frozenset[str]) -> frozenset[str]:
    """Names used where a module is imported, and in whatever has such a name."""
    found, waiting = set[str](), {"lambda_handler"}
    members: dict[str, set[str]] = {}
    for module in modules:
        waiting |= _names_outside(module) | {*_named_late(module)}
        for member, names in _names_of_members(module):
            if member.startswith("__"):
                waiting |= names
            members.setdefault(member, set()).update(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= members.get(name, set()) - found
    return frozenset(found)


@cache
def _names_outside(module: str) -> frozenset[str]:
    return frozenset(_names(_outside_members(_tree(module))))


@cache
def _names_of_members(module: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset(_names([node]))) for name, node in _members(_tree(module)))


def _bodies(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements of the module, and in the place of a class those of the class."""
    for node in tree.body:
        yield from node.body if isinstance(node, ast.ClassDef) else [node]


def _members(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """What can be reached by its name: functions, methods and attributes."""
    for node in _bodies(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield name, node
            case _:
                pass


def _outside_members(tree: ast.Module) -> list[ast.stmt]:
    members = {id(node) for _, node in _members(tree)}
    return [node for node in _bodies(tree) if id(node) not in members]


def _names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                yield name
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
                yield name
            case _:
                pass


@cache
def _closure(start: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        module = waiting.pop()
        if module not in found and _path(module) is not None:
            found.add(module)
            waiting += _imports(module)
    return frozenset(found)


@cache
def _imports(module: str) -> tuple[str, ...]:
    """Modules of ours that the module names, wherever in it; types alone do not count."""
    return (*_named_imports(module),)


def _named_imports(module: str) -> Iterator[str]:
    if module == "aiwebhook.commands.catalogue":  # imports commands by their name
        yield from (
            f"aiwebhook.commands.{path.stem}" for path in (_folder() / "commands").glob("*.py")
        )
    tree = _tree(module)
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(origin), names=names):
                yield origin
                yield from (f"{origin}.{alias.name}" for alias in names)
            case _:
                pass
    yield from (f"session_api.{text}" for text in _named_late(module))


def _named_late(module: str) -> Iterator[str]:
    """Modules and functions in a table, which are imported at their first request."""
    if module == "session_api.raw_routes":
        for node in ast.walk(_tree(module)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


@cache
def _tree(module: str) -> ast.Module:
    path = _path(module)
    assert path is not None
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _path(module: str) -> Path | None:
    parts = module.split(".")
    if not all(part.isidentifier() for part in parts):
        return None
    base = (_CORE if parts[0] == "aiwebhook" else _ROOM).joinpath(*parts)
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def _folder() -> Path:
    return _CORE / "aiwebhook"
