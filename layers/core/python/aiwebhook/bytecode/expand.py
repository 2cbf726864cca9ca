"""Dataclasses written out in a module's syntax tree, as `@dataclass` makes them at every import.

Making one takes half a millisecond, a written-out one a fiftieth of it (docs/adr/0017). What is
written has the line of its class. A class that is not understood stays as it is: `dataclasses`
makes it at import, slower and right.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import TypeGuard

from aiwebhook.bytecode.record import Record, RecordField, understood

NEWEST = (3, 13)
"""The newest Python whose `dataclasses` was compared with what is written here."""
RUN_TIME = "aiwebhook.expanded"
SHARED = (
    *("FACTORY", "FIELDS", "PARAMS", "DOC", "set_field", "record_repr"),
    *("frozen_setattr", "frozen_delattr", "getstate", "setstate", "replaced"),
)
"""What written classes take from the run-time part, under names that no module has (`_shared`)."""
LATER = frozenset({"asdict", "fields", "replace"})
"""Functions that the run-time part has too: a module that uses them imports no `dataclasses`."""


def expand(tree: ast.Module) -> None:
    """Write out, in place, the dataclasses at the top level of a module."""
    imports = [node for node in tree.body if _is_import(node)]
    if not imports or sys.version_info[:2] > NEWEST:
        return
    written: dict[str, Record] = {}
    if _names_are_theirs(tree, imports):
        for node in tree.body:
            record = understood(node, written) if isinstance(node, ast.ClassDef) else None
            if isinstance(node, ast.ClassDef) and record is not None:
                written[node.name] = record
                _write(node, record)
    _import_less(tree, imports, any_written=bool(written))


def _is_import(node: ast.stmt) -> TypeGuard[ast.ImportFrom]:
    return isinstance(node, ast.ImportFrom) and node.module == "dataclasses"


def _names_are_theirs(tree: ast.Module, imports: list[ast.ImportFrom]) -> bool:
    """Whether `dataclass` and `field` mean those of the library, and nothing else before or after.

    False, too, when a class has the name of another one: which is a base's would be a guess.
    """
    imported = {one.name for node in imports for one in node.names if one.asname is None}
    others = list(_bound([node for node in tree.body if node not in imports]))
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    once = all(others.count(name) == 1 for name in classes)
    return "dataclass" in imported and once and not {"dataclass", "field"} & set(others)


def _bound(statements: list[ast.stmt]) -> Iterator[str]:
    """The names that statements bind at the top level (those of comprehensions, to be safe)."""
    for node in statements:
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name
            case ast.Import() | ast.ImportFrom():
                yield from (one.asname or one.name for one in node.names)
            case _:
                names = (one for one in ast.walk(node) if isinstance(one, ast.Name))
                yield from (one.id for one in names if isinstance(one.ctx, ast.Store))


def _write(node: ast.ClassDef, record: Record) -> None:
    """Replace the decorator by what it would have made."""
    text = list(_members(record))
    if ast.get_docstring(node, clean=False) is None:
        text.append(f"__doc__ = {_shared('DOC')}")
    if sys.version_info >= (3, 13):
        text.append(f"__replace__ = {_shared('replaced')}")
        text.append(f"__firstlineno__ = {node.decorator_list[0].lineno}")
    node.decorator_list = []
    own = [part for statement in node.body for part in _without_field_call(statement, record)]
    node.body = own + _parsed("\n".join(text), node)


def _without_field_call(statement: ast.stmt, record: Record) -> Iterator[ast.stmt]:
    """A field keeps its annotation and default; a factory becomes an attribute of the class."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        name = statement.target.id
        said = record.fields[name].said
        statement.value = said.get("default")
        if "default_factory" in said:
            target = ast.Name(_factory(name), ast.Store())
            bound = ast.Call(ast.Name("staticmethod", ast.Load()), [said["default_factory"]], [])
            assignment = ast.copy_location(ast.Assign([target], bound), statement)
            yield ast.fix_missing_locations(assignment)
    yield statement


def _members(record: Record) -> Iterator[str]:
    """The statements that follow those of the class: what is its own, then what all share."""
    yield from _init(record)
    yield from _comparison(record)
    yield f"__record__ = {dict(record.options)!r}, {{{', '.join(_arguments(record))}}}"
    yield f"__match_args__ = {tuple(one.name for one in record.parameters if not one.kw_only)!r}"
    yield f"__dataclass_fields__ = {_shared('FIELDS')}"
    yield f"__dataclass_params__ = {_shared('PARAMS')}"
    if "__repr__" not in record.methods:
        yield f"__repr__ = {_shared('record_repr')}"
    if record.is_on("frozen"):
        yield f"__setattr__ = {_shared('frozen_setattr')}"
        yield f"__delattr__ = {_shared('frozen_delattr')}"
    if record.is_on("slots"):
        yield f"__slots__ = {record.slots!r}"
        yield from (f"del {one.name}" for one in record.own_fields if one.has_default)
    if record.is_on("slots") and record.is_on("frozen"):
        yield f"__getstate__ = {_shared('getstate')}"
        yield f"__setstate__ = {_shared('setstate')}"


def _init(record: Record) -> Iterator[str]:
    parameters = ["self"]
    for one in record.parameters:
        if one.kw_only and "*" not in parameters:
            parameters.append("*")
        parameters.append(_parameter(one, record))
    yield f"def __init__({', '.join(parameters)}):"
    set_field = _shared("set_field")
    for one in record.fields.values():
        value = _value(one)
        if value is not None and record.is_on("frozen"):
            yield f"    {set_field}(self, {one.name!r}, {value})"
        elif value is not None:
            yield f"    self.{one.name} = {value}"
    yield "    self.__post_init__()" if record.has_method("__post_init__") else "    pass"
    before = f"**{record.base.name}.__init__.__annotations__, " if record.base else ""
    types = [
        f"{one.name!r}: __annotations__[{one.name!r}]"
        for one in record.own_fields
        if one.is_on("init")
    ]
    yield f"__init__.__annotations__ = {{{before}{', '.join([*types, repr('return') + ': None'])}}}"


def _parameter(one: RecordField, record: Record) -> str:
    """With its default, which the class body knows by the field's name until the end."""
    if one.has_factory:
        return f"{one.name}={_shared('FACTORY')}"
    if not one.has_default:
        return one.name
    if one.owner == record.name:
        return f"{one.name}={one.name}"
    return f"{one.name}={one.owner}.__record__[1][{one.name!r}]['default']"


def _value(one: RecordField) -> str | None:
    """What `__init__` sets the field to; None when it does not."""
    made = f"self.{_factory(one.name)}()"
    if not one.is_on("init"):
        return made if one.has_factory else None
    return (
        f"{made} if {one.name} is {_shared('FACTORY')} else {one.name}"
        if one.has_factory
        else one.name
    )


def _comparison(record: Record) -> Iterator[str]:
    """`__eq__` as this Python's library writes it, and `__hash__` of a frozen class."""
    names = [one.name for one in record.fields.values() if one.is_on("compare")]
    mine = f"({''.join(f'self.{name}, ' for name in names)})"
    yield "def __eq__(self, other):"
    if sys.version_info >= (3, 13):
        same = " and ".join(f"self.{name} == other.{name}" for name in names) or "True"
        yield "    if self is other: return True"
    else:
        same = f"{mine} == ({''.join(f'other.{name}, ' for name in names)})"
    yield f"    if other.__class__ is self.__class__: return {same}"
    yield "    return NotImplemented"
    if record.is_on("frozen"):
        yield f"def __hash__(self): return hash({mine})"


def _arguments(record: Record) -> Iterator[str]:
    """For each field of its own that was given something: what `field()` would be given."""
    for one in record.own_fields:
        flags = [name for name in ("init", "repr", "compare") if name in one.said]
        said = [f"{name!r}: {one.is_on(name)}" for name in flags]
        if one.has_default:
            said.append(f"'default': {one.name}")
        if one.has_factory:
            said.append(f"'default_factory': {_factory(one.name)}")
        if said:
            yield f"{one.name!r}: {{{', '.join(said)}}}"


def _import_less(tree: ast.Module, imports: list[ast.ImportFrom], *, any_written: bool) -> None:
    """Import from the library what is still used of it, and the rest from the run-time part."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in imports:
        names = [one for one in node.names if (one.asname or one.name) in used]
        later = [one for one in names if one.name in LATER]
        if any_written:
            later += [ast.alias(name, _shared(name)) for name in SHARED]
            any_written = False
        new = [
            ast.ImportFrom(module, aliases, 0)
            for module, aliases in (
                ("dataclasses", [one for one in names if one.name not in LATER]),
                (RUN_TIME, later),
            )
            if aliases
        ]
        place = tree.body.index(node)
        tree.body[place : place + 1] = [_at(one, node) for one in new]


def _parsed(text: str, at: ast.stmt) -> list[ast.stmt]:
    """Statements with the line of another one."""
    return [_at(node, at) for node in ast.parse(text).body]


def _at(node: ast.stmt, at: ast.stmt) -> ast.stmt:
    for part in ast.walk(node):
        if isinstance(part, ast.stmt | ast.expr | ast.alias | ast.keyword | ast.arg):
            part.lineno = part.end_lineno = at.lineno
            part.col_offset = part.end_col_offset = at.col_offset
    return node


def _shared(name: str) -> str:
    return f"__expanded_{name}__"


def _factory(name: str) -> str:
    return f"__factory_{name}__"
