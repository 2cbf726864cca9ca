"""A name stands for one thing, so that who searches for it finds that thing alone."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.house.tree import Source, sources

pytestmark = pytest.mark.req("T4")

PRODUCT = ("layers/", "functions/", "runner/", "agents/", "cli/", "local/", "infra/")
ROOTS = re.compile(r"^(layers/core/python|functions|runner|agents|cli|local)/")
ONE_OF_MANY: Mapping[str, str] = {
    "Data": "the model of a command, in the module of that command",
    "handle": "what a command does, in the module of that command",
    "phrase": "the message and say of a command, in the module of that command",
    "wait": "how a command waits for its result, in the module of that command",
    "status_of": "the status of a command's reply, in the module of that command",
    "OPERATIONS": "the operations of a resource, in the module of its routes",
    "main": "where a program begins",
    "answer": "what a function answers, in the module of the store that it works on",
    "app": "a group of commands of the CLI",
}
"""Names that every module of a kind has. They are used as `module.name`, or collected by it."""
KINDS_OF_MODULE = (
    "functions/session_api/routes/",  # an operation is named after its verb
    "functions/session_api/say/grammar/english/",  # each language has the same vocabulary
    "functions/session_api/say/grammar/german/",
    "runner/aiwebhook_gateway/metering/",  # each API of a provider has its `count`
)
TOLD_APART: Mapping[str, str] = {
    "as_list": "one meaning in programs that share no code",
    "as_object": "one meaning in programs that share no code",
    "as_text": "one meaning in programs that share no code",
    "count_in_words": "one meaning in programs that share no code",
    "encode": "one meaning in programs that share no code",
    "listed": "one meaning in programs that share no code",
}
"""Names with several definitions, and why that misleads nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A public name at the top of a module. `value`: the source text of an alias or constant."""

    name: str
    path: str
    is_type: bool
    value: str | None = None

    @property
    def module(self) -> str:
        return module_of(self.path)


def module_of(path: str) -> str:
    dotted = ROOTS.sub("", path).removesuffix(".py").replace("/", ".")
    return dotted.removesuffix(".__init__")


def definitions(source: Source) -> Iterator[Definition]:
    for node in source.tree.body:
        match node:
            case ast.ClassDef(name=name):
                yield Definition(name=name, path=source.path, is_type=True)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if not is_command_line(node):
                    yield Definition(name=name, path=source.path, is_type=False)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                text = ast.unparse(value)
                if not text.startswith(("TypeVar(", "ParamSpec(")):
                    is_type = name[0].isupper() and not name.isupper()
                    yield Definition(name=name, path=source.path, is_type=is_type, value=text)
            case _:
                pass


def is_command_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A subcommand of the CLI is named as people type it."""
    return any(ast.unparse(each).startswith("app.") for each in node.decorator_list)


def imported_by_name(source: Source) -> Iterator[tuple[str, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)


def ambiguous() -> dict[str, list[str]]:
    """Names with definitions that differ: of types all, of others those imported by name."""
    product = [each for each in sources() if each.path.startswith(PRODUCT)]
    bare = {pair for source in product for pair in imported_by_name(source)}
    named: dict[str, list[Definition]] = defaultdict(list)
    for source in product:
        if not source.path.startswith(KINDS_OF_MODULE):
            for each in definitions(source):
                if not each.name.startswith("_") and each.name not in ONE_OF_MANY:
                    named[each.name].append(each)
    return {
        name: [each.path for each in found]
        for name, found in named.items()
        if len({each.value or each.path for each in found}) > 1
        and any(each.is_type or (each.module, name) in bare for each in found)
    }


def test_a_name_stands_for_one_thing() -> None:
    found = ambiguous()

    assert {name: found[name] for name in found.keys() - TOLD_APART.keys()} == {}
    assert not TOLD_APART.keys() - found.keys(), "an exception that is not needed any more"
