"""Which dataclasses can be written out: read from the syntax tree, in the forms used here."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

CLASS_OPTIONS = frozenset({"frozen", "slots", "kw_only"})
FIELD_OPTIONS = frozenset({"default", "default_factory", "init", "repr", "compare"})
SPECIAL_METHODS = frozenset(
    {"__post_init__", "__repr__", "__str__", "__bool__", "__add__", "__enter__", "__exit__"}
)
"""Those that a class may define itself."""
NOT_FIELDS = ("ClassVar", "InitVar", "KW_ONLY")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordField:
    """One field: the class that has it, its place in `__init__`, and what `field()` was given."""

    name: str
    owner: str
    kw_only: bool
    said: Mapping[str, ast.expr]

    def is_on(self, option: str) -> bool:
        """`init`, `repr` or `compare`: on, unless switched off."""
        value = self.said.get(option)
        return value is None or (isinstance(value, ast.Constant) and value.value is True)

    @property
    def has_factory(self) -> bool:
        return "default_factory" in self.said

    @property
    def has_default(self) -> bool:
        return "default" in self.said


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A dataclass that is understood, with the fields of its base before its own."""

    name: str
    options: Mapping[str, bool]
    fields: Mapping[str, RecordField]
    base: Record | None = None
    methods: frozenset[str] = field(default_factory=frozenset[str])

    def is_on(self, option: str) -> bool:
        """`frozen`, `slots` or `kw_only`: off, unless switched on."""
        return self.options.get(option, False)

    @property
    def own_fields(self) -> list[RecordField]:
        return [one for one in self.fields.values() if one.owner == self.name]

    @property
    def parameters(self) -> list[RecordField]:
        """Of `__init__`: those given by position, then those by keyword alone."""
        taken = [one for one in self.fields.values() if one.is_on("init")]
        return sorted(taken, key=lambda one: one.kw_only)

    @property
    def slots(self) -> tuple[str, ...]:
        """Without those that a base has."""
        inherited = self.base.all_slots if self.base else frozenset[str]()
        return tuple(name for name in self.fields if name not in inherited)

    @property
    def all_slots(self) -> frozenset[str]:
        inherited = self.base.all_slots if self.base else frozenset[str]()
        return inherited | frozenset(self.slots if self.is_on("slots") else ())

    def has_method(self, name: str) -> bool:
        return name in self.methods or (self.base is not None and self.base.has_method(name))


def understood(node: ast.ClassDef, known: Mapping[str, Record]) -> Record | None:
    """The class, or None when anything of it is not understood.

    Its base can only be one of `known`, which the same module defines: what another module defines
    may change without this one being compiled again.
    """
    options = _class_options(node)
    if options is None or node.keywords or getattr(node, "type_params", ()):
        return None
    base: Record | None = None
    match node.bases:
        case []:
            pass
        case [ast.Name(id=name)] if name in known:
            base = known[name]
            if base.is_on("frozen") != options.get("frozen", False):
                return None
        case _:
            return None
    return _with_body(node, options, base)


def _class_options(node: ast.ClassDef) -> Mapping[str, bool] | None:
    """What `@dataclass(…)` was given; None with another decorator or option."""
    match node.decorator_list:
        case [ast.Name(id="dataclass")]:
            return {}
        case [ast.Call(func=ast.Name(id="dataclass"), args=[], keywords=keywords)]:
            options: dict[str, bool] = {}
            for keyword in keywords:
                match keyword:
                    case ast.keyword(arg=str(name), value=ast.Constant(value=bool(value))):
                        options[name] = value
                    case _:
                        return None
            return options if options.keys() <= CLASS_OPTIONS else None
        case _:
            return None


def _with_body(
    node: ast.ClassDef, options: Mapping[str, bool], base: Record | None
) -> Record | None:
    fields = dict(base.fields) if base else {}
    methods: set[str] = set()
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                methods.add(name)
            case ast.AnnAssign(target=ast.Name(id=name), value=value) if _is_field(statement, name):
                said = _said(value)
                if said is None:
                    return None
                kw_only = options.get("kw_only", False)
                fields[name] = RecordField(name=name, owner=node.name, kw_only=kw_only, said=said)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case _:
                return None
    special = {name for name in methods if name.startswith("__") and name.endswith("__")}
    if special - SPECIAL_METHODS or methods & fields.keys():
        return None
    record = Record(
        name=node.name, options=options, fields=fields, base=base, methods=frozenset(methods)
    )
    return record if _in_order(record) else None


def _is_field(node: ast.AnnAssign, name: str) -> bool:
    """False for a class variable, and for a name that generated code could confuse."""
    annotation = ast.unparse(node.annotation)
    if name == "self" or name.startswith("__") or any(word in annotation for word in NOT_FIELDS):
        return False
    return name != "field" or node.value is None  # with a value it hides the function


def _said(value: ast.expr | None) -> Mapping[str, ast.expr] | None:
    """The arguments of `field()`, or a default that stands alone; None when not understood."""
    match value:
        case None:
            return {}
        case ast.List() | ast.Dict() | ast.Set():
            return None  # refused at import: its instances would share it
        case ast.Call(func=ast.Name(id="field"), args=[], keywords=keywords):
            said = {one.arg: one.value for one in keywords if one.arg in FIELD_OPTIONS}
            flags = [said[name] for name in ("init", "repr", "compare") if name in said]
            clear = len(said) == len(keywords) and all(map(_is_flag, flags))
            # Not in the signature, and yet with a default: not used here.
            return said if clear and not ("default" in said and "init" in said) else None
        case _:
            return {"default": value}


def _is_flag(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, bool)


def _in_order(record: Record) -> bool:
    """False where `dataclasses` refuses: a field without default after one with a default."""
    by_position = [one for one in record.parameters if not one.kw_only]
    defaults = [one.has_default or one.has_factory for one in by_position]
    return defaults == sorted(defaults)
