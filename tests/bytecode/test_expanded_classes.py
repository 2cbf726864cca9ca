"""Every dataclass of the tree, written out, is the class that `dataclasses` makes of it.

Each module is executed twice, from its source and expanded; the classes are compared pair by pair.
"""

# reason: a question for each thing that a class can be asked
from __future__ import annotations

import ast
import copy
import dataclasses
import importlib
import inspect
import pickle
import re
import sys
import types
import typing
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.bytecode.expand import NEWEST, expand
from aiwebhook.expanded import is_expanded, replace
from tests.house.tree import ROOT

pytestmark = [
    pytest.mark.req("O1"),
    pytest.mark.skipif(sys.version_info[:2] > NEWEST, reason="nothing is expanded here"),
]
PACKAGES = (
    *("layers/core/python/aiwebhook", "runner/aiwebhook_runner", "runner/aiwebhook_gateway"),
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "functions").iterdir())),
)
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def modules() -> list[str]:
    """The modules that ship expanded and define a dataclass."""
    found: list[str] = []
    for folder in PACKAGES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "\n@dataclass" in path.read_text("utf-8"):
                name = path.relative_to((ROOT / folder).parent).with_suffix("").as_posix()
                found.append(name.removesuffix("/__init__").replace("/", "."))
    return found


@cache
def pairs(module: str) -> list[tuple[type[Any], type[Any]]]:
    """(expanded, plain) of every dataclass that the module defines."""
    known = importlib.import_module(module)
    names = [
        name
        for name, kind in vars(known).items()
        if isinstance(kind, type) and "__dataclass_params__" in vars(kind)
        if kind.__module__ == module and kind.__qualname__ == name
    ]
    runs_expanded = any(is_expanded(vars(known)[name]) for name in names)
    other = executed(known, expanding=not runs_expanded)
    sides = (known, other) if runs_expanded else (other, known)
    return [(vars(sides[0])[name], vars(sides[1])[name]) for name in names]


def executed(known: types.ModuleType, *, expanding: bool) -> types.ModuleType:
    """A copy of the module, beside the one that is imported."""
    module = known.__name__
    path = Path(str(known.__file__))
    copied = types.ModuleType(module)
    copied.__dict__.update(__file__=str(path), __package__=known.__package__)
    tree = ast.parse(path.read_bytes(), str(path))
    if expanding:
        expand(tree)
    with in_place_of(module, copied):
        exec(compile(tree, str(path), "exec", dont_inherit=True), copied.__dict__)  # noqa: S102 - our own modules
    return copied


@contextmanager
def in_place_of(name: str, module: types.ModuleType) -> Generator[None]:
    """`dataclasses` and `pickle` look a module up by its name."""
    known = sys.modules[name]
    sys.modules[name] = module
    try:
        yield
    finally:
        sys.modules[name] = known


EVERY = [pytest.param(module, id=module) for module in modules()]


@pytest.mark.parametrize("module", EVERY)
def test_an_expanded_class_is_the_class_that_dataclasses_makes(module: str) -> None:
    assert pairs(module) != []
    for expanded, plain in pairs(module):
        name = f"{module}.{plain.__qualname__}"
        if not is_expanded(expanded):
            assert has_base_elsewhere(plain), f"{name} is not understood"
            continue
        for aspect in ASPECTS:
            assert aspect(expanded) == aspect(plain), f"{name}: {aspect.__name__}"
        for behaviour in BEHAVIOURS:
            with_each_module = [observed(kind, behaviour) for kind in (expanded, plain)]
            assert with_each_module[0] == with_each_module[1], f"{name}: {behaviour.__name__}"


def has_base_elsewhere(kind: type[Any]) -> bool:
    """Such a class stays as it is: its base's fields may change without it."""
    return any(base.__module__ not in {kind.__module__, "builtins"} for base in kind.__bases__)


def signature(kind: type[Any]) -> object:
    return [ADDRESS.sub("", str(inspect.signature(one))) for one in (kind, kind.__init__)]


def own_annotations(kind: type[Any]) -> object:
    own = {name: str(annotation) for name, annotation in kind.__annotations__.items()}
    given = {name: str(annotation) for name, annotation in kind.__init__.__annotations__.items()}
    return list(own.items()), given


def fields(kind: type[Any]) -> object:
    return [
        ADDRESS.sub("", f"{f.type} {f.default} {f.default_factory} {f!r}")
        for f in dataclasses.fields(kind)
    ]


def parameters(kind: type[Any]) -> object:
    return repr(kind.__dataclass_params__), dataclasses.is_dataclass(kind)


def documentation(kind: type[Any]) -> object:
    return ADDRESS.sub("", str(kind.__doc__))


def layout(kind: type[Any]) -> object:
    slots = kind.__dict__.get("__slots__")
    return slots, kind.__match_args__, kind.__basicsize__, hasattr(kind, "__dict__")


def names(kind: type[Any]) -> object:
    """Public attributes and methods; a default of a class without slots is one of them."""
    return sorted(
        name for name in vars(kind) if not (name.startswith("__") and name.endswith("__"))
    )


def special_methods(kind: type[Any]) -> object:
    made = ("__init__", "__eq__", "__hash__", "__repr__", "__setattr__", "__delattr__")
    made += ("__getstate__", "__setstate__", "__replace__", "__post_init__", "__lt__")
    return [(name, kind.__dict__.get(name, 0) is None) for name in made if name in vars(kind)]


def place(kind: type[Any]) -> object:
    first_line = kind.__dict__.get("__firstlineno__")  # since Python 3.13
    return kind.__module__, kind.__qualname__, first_line


def is_hashable(kind: type[Any]) -> object:
    return kind.__hash__ is None


ASPECTS: tuple[Callable[[type[Any]], object], ...] = (
    *(signature, own_annotations, fields, parameters, documentation, layout, names),
    *(special_methods, place, is_hashable),
)


def observed(kind: type[Any], behaviour: Callable[[type[Any]], object]) -> object:
    """What it comes to; an exception by its type and words."""
    try:
        return behaviour(kind)
    except Exception as exc:  # noqa: BLE001 - any is an observation
        return type(exc).__name__, str(exc)


class Value:
    """Stands for any argument: equal by name, hashable, and picklable by it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and other.name == self.name

    def __hash__(self) -> int:
        return 7

    def __repr__(self) -> str:
        return f"Value({self.name})"


def arguments(kind: type[Any], *, whole: bool = False) -> dict[str, Any]:
    """Those without default; the others too with `whole`. By keyword, all of them."""
    return {
        name: Value(name)
        for name, one in inspect.signature(kind).parameters.items()
        if whole or one.default is one.empty
    }


def made(kind: type[Any], *, whole: bool = False) -> Any:
    """An instance, without what `__post_init__` asks of its arguments."""
    if not hasattr(kind, "__post_init__"):
        return kind(**arguments(kind, whole=whole))
    bare: Any = object.__new__(kind)
    for name, value in arguments(kind, whole=True).items():
        object.__setattr__(bare, name, value)
    return bare


def values(instance: Any) -> dict[str, str]:
    return {f.name: words(getattr(instance, f.name, None)) for f in dataclasses.fields(instance)}


def words(value: object) -> str:
    """Without addresses, times and random numbers, which differ from one value to the next."""
    kind = type(value)
    printed = {str, int, float, bool, type(None), tuple, frozenset, Value, dict, list}
    return repr(value) if kind in printed else kind.__qualname__


def defaults(kind: type[Any]) -> object:
    return values(made(kind))


def all_arguments(kind: type[Any]) -> object:
    one = made(kind, whole=True)
    return values(one), repr(one)


def missing_argument(kind: type[Any]) -> object:
    return values(kind(**dict(list(arguments(kind).items())[1:])))


def surplus_argument(kind: type[Any]) -> object:
    return kind(**arguments(kind), no_such_field=1)


def positional_arguments(kind: type[Any]) -> object:
    return values(kind(*arguments(kind, whole=True).values()))


def equality(kind: type[Any]) -> object:
    one, same = made(kind, whole=True), made(kind, whole=True)
    results: list[object] = [one == same, one == one, one == 1, one.__eq__(1)]  # noqa: PLR0124 - with itself, too
    for f in dataclasses.fields(kind):
        other = made(kind, whole=True)
        object.__setattr__(other, f.name, Value("another"))
        results.append((f.name, one == other))
    return results


def hashing(kind: type[Any]) -> object:
    return hash(made(kind, whole=True)), {made(kind, whole=True): 1} == {made(kind, whole=True): 1}


def assignment(kind: type[Any]) -> object:
    one, name = made(kind, whole=True), next(iter(arguments(kind, whole=True)))
    setattr(one, name, 1)
    return values(one)


def deletion(kind: type[Any]) -> object:
    one, name = made(kind, whole=True), next(iter(arguments(kind, whole=True)))
    delattr(one, name)
    return hasattr(one, name)


def replacing(kind: type[Any]) -> object:
    one, name = made(kind, whole=True), next(iter(arguments(kind, whole=True)))
    both = dataclasses.replace(one, **{name: 1}), replace(one, **{name: 1})
    return [values(changed) for changed in both]


def replacing_too_much(kind: type[Any]) -> object:
    one = made(kind, whole=True)
    others = [f.name for f in dataclasses.fields(kind) if not f.init]
    return replace(one, **dict.fromkeys(others or ["no_such_field"], 1))


def as_dictionary(kind: type[Any]) -> object:
    return repr(dataclasses.asdict(made(kind, whole=True)))


def copying(kind: type[Any]) -> object:
    one = made(kind, whole=True)
    return copy.copy(one) == one, copy.deepcopy(one) == one


def pickling(kind: type[Any]) -> object:
    one = made(kind, whole=True)
    module = types.ModuleType(kind.__module__)
    setattr(module, kind.__name__, kind)
    with in_place_of(kind.__module__, module):
        return [pickle.loads(pickle.dumps(one, number)) == one for number in range(2, 6)]  # noqa: S301 - made above


def type_hints(kind: type[Any]) -> object:
    return sorted(typing.get_type_hints(kind))


def inheriting(kind: type[Any]) -> object:
    """A dataclass made of it by the library, and a class that is none."""
    frozen = kind.__dataclass_params__.frozen
    own = [("more", int, 5)]
    heir = dataclasses.make_dataclass("Heir", own, bases=(kind,), frozen=frozen, kw_only=True)
    plain = type("Plain", (kind,), {})
    one = made(plain, whole=True)
    return signature(heir), values(made(heir)), values(one), repr(one)


BEHAVIOURS: tuple[Callable[[type[Any]], object], ...] = (
    *(defaults, all_arguments, missing_argument, surplus_argument, positional_arguments, equality),
    *(
        hashing,
        assignment,
        deletion,
        replacing,
        replacing_too_much,
        as_dictionary,
        copying,
        pickling,
    ),
    *(type_hints, inheriting),
)
