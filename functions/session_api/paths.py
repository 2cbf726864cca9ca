"""Finds the operation of a path."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from aiwebhook.errors import MethodNotAllowed, NotFound
from session_api.operation import Operation

_ANY = "{}"


@dataclass(slots=True, kw_only=True)
class _Node:
    """The place after some segments of a path."""

    children: dict[str, _Node] = field(default_factory=dict[str, "_Node"])
    operations: dict[str, Operation] = field(default_factory=dict[str, Operation])


class Paths:
    """Operations by path and method, as a tree of segments (ADR 0012)."""

    def __init__(self, operations: Iterable[Operation] = ()) -> None:
        self._root = _Node()
        self.add(operations)

    def add(self, operations: Iterable[Operation]) -> None:
        """Find these as well."""
        for operation in operations:
            node = self._root
            for segment in operation.path.strip("/").split("/"):
                name = _ANY if segment.startswith("{") else segment
                node = node.children.setdefault(name, _Node())
            node.operations[operation.method] = operation

    def has(self, method: str, path: str) -> bool:
        """Whether `find` finds an operation."""
        return method in self._operations_at(path.removeprefix("/").split("/"))

    def find(self, method: str, path: str) -> tuple[Operation, Mapping[str, str]]:
        """The operation, and the decoded parameters of its path.

        Raises NotFound, MethodNotAllowed.
        """
        segments = path.removeprefix("/").split("/")
        operations = self._operations_at(segments)
        if not operations:
            raise NotFound(
                "There is nothing at this path.",
                code="route_not_found",
            )
        operation = operations.get(method)
        if operation is None:
            raise not_allowed(method, operations)
        named = zip(operation.path.strip("/").split("/"), segments, strict=True)
        return operation, {
            name[1:-1]: unquote(value, errors="replace")
            for name, value in named
            if name.startswith("{")
        }

    def _operations_at(self, segments: list[str]) -> Mapping[str, Operation]:
        """By method."""
        for node in _walk(self._root, segments):
            if node.operations:
                return node.operations
        return {}


def not_allowed(method: str, possible: Collection[str]) -> MethodNotAllowed:
    """The refusal of a method where others are possible: HEAD is wherever GET is."""
    error = MethodNotAllowed(f"{method} is not possible here.")
    also = ("HEAD",) if "GET" in possible else ()
    error.allow = tuple(sorted((*possible, *also)))
    return error


def _walk(node: _Node, segments: list[str]) -> Iterator[_Node]:
    """The places a path leads to, literal segments before parameters."""
    if not segments:
        yield node
        return
    for name in (segments[0], _ANY):
        child = node.children.get(name)
        if child is not None:
            yield from _walk(child, segments[1:])
