"""Finds the operation of a path, and imports only the resource that the path names.

Importing all of them with their models took a fifth of a cold start, which needs only
one (ADR 0012).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from session_api.operation import Operation
from session_api.paths import Paths
from session_api.routes import MODULES_OF, operations_in

Operations = tuple[Operation, ...]


def _as_they_are(operations: Operations) -> Operations:
    return operations


class LatePaths(Paths):
    """All operations of the API. `prepare` may replace those of a module before they are served."""

    def __init__(self, prepare: Callable[[Operations], Operations] = _as_they_are) -> None:
        super().__init__()
        self._prepare = prepare
        self._imported: set[str] = set()

    def find(self, method: str, path: str) -> tuple[Operation, Mapping[str, str]]:
        """As in Paths."""
        for module in MODULES_OF.get(_resource(path), ()):
            self._import_module(module)
            if self.has(method, path):
                break
        return super().find(method, path)

    def import_all(self) -> None:
        """For a process that is snapshotted after start: nobody waits for its imports."""
        # Database rights are derived from static imports: these are all of them.
        from session_api.all_operations import OPERATIONS  # noqa: PLC0415 what a request avoids

        self.add(self._prepare(OPERATIONS))
        self._imported.update(*MODULES_OF.values())

    def _import_module(self, module: str) -> None:
        if module not in self._imported:
            self.add(self._prepare(operations_in(module)))
            self._imported.add(module)


def _resource(path: str) -> str:
    first, _, rest = path.removeprefix("/").partition("/")
    return rest.partition("/")[0] if first == "v1" else first
