"""What a part imports is in the lock that the part is installed from."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.house.tree import ROOT, Source, sources

DISTRIBUTIONS = packages_distributions()
OURS = frozenset(
    "aiwebhook aiwebhook_runner aiwebhook_gateway aiwebhook_cli aiwebhook_local infra tests"
    " benchmarks examples layers relay session_api dispatcher reaper notifier migrate".split()
)
# The first match decides. The HTTP client lies in the core layer, but no function imports it.
LOCK_OF = (
    (r"layers/core/python/aiwebhook/client\b", "local"),
    (r"layers/core/|functions/", "layer"),
    (r"runner/", "runner"),
    (r"cli/|local/|examples/", "local"),
    (r"(tests/)?infra/", "infra"),
    (r"benchmarks/", "bench"),
    (r"", "dev"),
)


def lock_of(path: str) -> str:
    return next(lock for pattern, lock in LOCK_OF if re.match(pattern, path))


def imported(source: Source) -> set[str]:
    """Top-level names of absolute imports and of `import_module("…")` and `importorskip("…")`."""
    names: set[str] = set()
    for node in ast.walk(source.tree):
        match node:
            case ast.Import():
                names |= {alias.name for alias in node.names}
            case ast.ImportFrom(level=0, module=str(module)):
                names.add(module)
            case ast.Call(func=function, args=[ast.Constant(value=str(module)), *_]) if ast.unparse(
                function
            ).endswith(("import_module", "importorskip")):
                names.add(module)
            case _:
                pass
    return {name.split(".")[0] for name in names}


def locked(lock: str) -> set[str]:
    """The names in a lock, and in those that are installed together with it."""
    names = {"infra": ("infra", "dev"), "bench": ("bench", "oban")}.get(lock, (lock,))
    texts = [(ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8") for name in names]
    return set(re.findall(r"(?m)^([a-z0-9-]+)==", "".join(texts)))


def is_declared(name: str, lock: str) -> bool:
    names = [re.sub(r"[-_.]+", "-", d).lower() for d in DISTRIBUTIONS.get(name, [name])]
    return not locked(lock).isdisjoint(names)


@pytest.mark.parametrize("lock", ["layer", "runner", "local", "infra", "bench", "dev"])
def test_every_import_is_declared(lock: str) -> None:
    undeclared = [
        f"{source.path} imports {name}"
        for source in sources()
        if lock_of(source.path) == lock and "toy_project" not in source.path
        for name in sorted(imported(source) - sys.stdlib_module_names - OURS)
        if not is_declared(name, lock)
        and not (ROOT / source.path).parent.joinpath(f"{name}.py").is_file()
    ]
    assert not undeclared, "\n".join(undeclared)
