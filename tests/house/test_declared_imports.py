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
    "aiwebhook aiwebhook_runner aiwebhook_gateway aiwebhook_agents aiwebhook_cli aiwebhook_local"
    " infra formatting tests benchmarks examples layers relay session_api dispatcher reaper"
    " notifier outbound reconciler migrate".split()
)
# Part of Lambda's Python, beside boto3: the layer would only bring a second one.
OF_THE_RUNTIME = frozenset({"snapshot_restore_py"})
# The first match decides. The HTTP client lies in the core layer, but no function imports it.
LOCK_OF = (
    (r"layers/core/python/aiwebhook/client\b", "local"),
    (r"layers/core/|functions/", "layer"),
    (r"runner/", "runner"),
    (r"agents/", "agents"),
    (r"cli/|local/|examples/", "local"),
    (r"(tests/)?infra/", "infra"),
    (r"benchmarks/", "bench"),
    (r"tests/doors/python_(sdk|channel)", "doors"),
    (r"tests/events/anchor_server", "doors"),
    (r"", "dev"),
)


def lock_of(path: str) -> str:
    return next(lock for pattern, lock in LOCK_OF if re.match(pattern, path))


def modules_of(source: Source) -> set[str]:
    """Full names in absolute imports and in `import_module("…")` and `importorskip("…")`; of what
    a module is asked for, too, which may be a module itself."""
    names: set[str] = set()
    for node in ast.walk(source.tree):
        match node:
            case ast.Import():
                names |= {alias.name for alias in node.names}
            case ast.ImportFrom(level=0, module=str(module)):
                names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
            case ast.Call(
                func=ast.Name(id=function) | ast.Attribute(attr=function),
                args=[ast.Constant(value=str(module)), *_],
            ) if function.endswith(("import_module", "importorskip")):
                names.add(module)
            case _:
                pass
    return names


def imported(source: Source) -> set[str]:
    """Their top-level names."""
    return {name.split(".")[0] for name in modules_of(source)}


def borrowed_from_tests(path: str) -> list[Source]:
    """The sources below `path`, and the modules of the tests that they reach."""
    modules = {source.path.removesuffix(".py").replace("/", "."): source for source in sources()}
    waiting = [source for source in modules.values() if source.path.startswith(path)]
    found: dict[str, Source] = {}
    while waiting:
        source = waiting.pop()
        if source.path not in found:
            found[source.path] = source
            names = modules_of(source)
            waiting += [modules[n] for n in names if n.startswith("tests.") and n in modules]
    return list(found.values())


def locked(lock: str) -> set[str]:
    """The names in a lock, and in those that are installed together with it."""
    names = {"infra": ("infra", "dev"), "bench": ("bench", "oban")}.get(lock, (lock,))
    texts = [(ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8") for name in names]
    return set(re.findall(r"(?m)^([a-z0-9-]+)==", "".join(texts)))


def is_declared(name: str, lock: str) -> bool:
    names = [re.sub(r"[-_.]+", "-", d).lower() for d in DISTRIBUTIONS.get(name, [name])]
    return not locked(lock).isdisjoint(names)


@pytest.mark.parametrize("lock", ["layer", "runner", "local", "infra", "bench", "doors", "dev"])
def test_every_import_is_declared(lock: str) -> None:
    undeclared = [
        f"{source.path} imports {name}"
        for source in sources()
        if lock_of(source.path) == lock and "toy_project" not in source.path
        for name in sorted(imported(source) - sys.stdlib_module_names - OURS - OF_THE_RUNTIME)
        if not is_declared(name, lock)
        and not (ROOT / source.path).parent.joinpath(f"{name}.py").is_file()
    ]
    assert not undeclared, "\n".join(undeclared)


def test_what_a_benchmark_borrows_from_the_tests_is_declared_too() -> None:
    borrowed = borrowed_from_tests("benchmarks/")
    undeclared = [
        f"{source.path} imports {name}"
        for source in borrowed
        for name in sorted(imported(source) - sys.stdlib_module_names - OURS)
        if not is_declared(name, "bench")
    ]
    assert any(source.path.startswith("tests/support/") for source in borrowed)
    assert not undeclared, "\n".join(undeclared)
