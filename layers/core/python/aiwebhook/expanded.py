"""What written-out dataclasses share while they run (docs/adr/0017).

No source imports this: `aiwebhook.bytecode.expand` writes the import into compiled modules. Nothing
here imports `dataclasses` before somebody asks for what only it can make.
"""

from __future__ import annotations

from reprlib import recursive_repr
from typing import Any, cast

MADE_LATER = "__dataclass_fields__", "__dataclass_params__", "__doc__"
set_field = object.__setattr__


class _Factory:
    """The default of a parameter whose value a factory makes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<factory>"


FACTORY = _Factory()


class _Later:
    """An attribute of written-out classes that `dataclasses` makes when it is first read."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type[Any]) -> object:
        _complete(next(kind for kind in owner.__mro__ if is_expanded(kind)))
        return getattr(owner, self._name)


FIELDS, PARAMS, DOC = (_Later(name) for name in MADE_LATER)


def is_expanded(kind: type[Any]) -> bool:
    """Whether this very class was written out when its module was compiled."""
    return "__record__" in kind.__dict__


def _complete(kind: type[Any]) -> None:
    """Let `dataclasses` make a class of the same fields, and take from it what was not written."""
    import dataclasses  # noqa: PLC0415 - with inspect, a tenth of the supervisor's start

    options, said = kind.__dict__["__record__"]
    namespace: dict[str, Any] = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    namespace["__annotations__"] = dict(kind.__annotations__)
    for name, told in said.items():
        namespace[name] = dataclasses.field(**_unbound(told))
    plain = type(kind.__name__, kind.__bases__, namespace)
    twin: Any = dataclasses.dataclass(**options)(plain)
    for name in MADE_LATER:
        if isinstance(kind.__dict__[name], _Later):
            setattr(kind, name, getattr(twin, name))


def _unbound(options: dict[str, Any]) -> dict[str, Any]:
    factory = options.get("default_factory")
    return options if factory is None else {**options, "default_factory": factory.__func__}


def frozen_setattr(self: Any, name: str, value: object) -> None:
    """`__setattr__` of a frozen class. Raises FrozenInstanceError."""
    _refuse(self, "assign to", name)
    object.__setattr__(self, name, value)


def frozen_delattr(self: Any, name: str) -> None:
    """`__delattr__` of a frozen class. Raises FrozenInstanceError."""
    _refuse(self, "delete", name)
    object.__delattr__(self, name)


def _refuse(instance: Any, what: str, name: str) -> None:
    """A subclass that is no dataclass may have attributes of its own."""
    kind = cast("Any", type(instance))
    if "__dataclass_fields__" in kind.__dict__ or name in kind.__dataclass_fields__:
        from dataclasses import FrozenInstanceError  # noqa: PLC0415 - as above

        raise FrozenInstanceError(f"cannot {what} field {name!r}")


def getstate(self: Any) -> list[Any]:
    """`__getstate__` of a frozen class with slots."""
    return [getattr(self, field.name) for field in fields(self)]


def setstate(self: Any, state: list[Any]) -> None:
    """`__setstate__` of a frozen class with slots."""
    for field, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


def replaced(self: Any, /, **changes: Any) -> Any:
    """`__replace__` since Python 3.13."""
    return replace(self, **changes)


@recursive_repr("...")
def record_repr(self: Any) -> str:
    """`__repr__`, from the fields that take part in it."""
    said = [f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr]
    return f"{self.__class__.__qualname__}({', '.join(said)})"


def asdict(instance: Any) -> dict[str, Any]:
    """As in `dataclasses`, which is imported with the first call."""
    from dataclasses import asdict  # noqa: PLC0415 - as above

    return asdict(instance)


def fields(record: Any) -> tuple[Any, ...]:
    """As in `dataclasses`, which is imported with the first call."""
    from dataclasses import fields  # noqa: PLC0415 - as above

    return fields(record)


def replace(instance: Any, /, **changes: Any) -> Any:
    """As in `dataclasses`, which is imported only for a class that was not written out."""
    kind = cast("type[Any]", type(instance))
    if is_expanded(kind):
        code = kind.__init__.__code__
        names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
        if changes.keys() <= set(names):
            return kind(**{name: getattr(instance, name) for name in names} | changes)
    from dataclasses import replace  # noqa: PLC0415 - as above

    return replace(instance, **changes)
