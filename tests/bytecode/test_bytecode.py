"""What is compiled is what was written, but for the dataclasses; and it says so of itself."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import marshal
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from aiwebhook.bytecode.expand import NEWEST, expand
from aiwebhook.bytecode.pyc import compile_folder, pyc
from aiwebhook.expanded import is_expanded
from tests.bytecode.test_expanded_classes import PACKAGES, has_base_elsewhere
from tests.house.tree import ROOT

pytestmark = [
    pytest.mark.req("O1"),
    pytest.mark.skipif(sys.version_info[:2] > NEWEST, reason="nothing is expanded here"),
]
CO_OPTIMIZED = 0x1  # a function's code, not a class body's
HEAD = "from __future__ import annotations\nfrom dataclasses import dataclass, field\n"
POINT = f"""{HEAD}
@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    x: int
    tags: list[str] = field(default_factory=list)
"""


def functions(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            if const.co_flags & CO_OPTIMIZED:
                yield const
            yield from functions(const)


def compiled(source: str, path: str = "<shown>") -> CodeType:
    code = marshal.loads(pyc(source.encode(), runs_at=path)[16:])  # noqa: S302 - made in this line
    assert isinstance(code, CodeType)
    return code


def namespace(source: str) -> dict[str, Any]:
    """The module as it is when it has run, expanded."""
    names: dict[str, Any] = {"__name__": __name__}
    exec(compiled(source), names)  # noqa: S102 - the sources of this file
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_every_function_keeps_its_instructions_and_its_lines(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        source = path.read_text("utf-8")
        plain = compile(source, str(path), "exec", dont_inherit=True)
        expanded = list(functions(compiled(source, str(path))))
        missing = [one.co_qualname for one in functions(plain) if one not in expanded]
        assert missing == [], path


def test_a_traceback_names_the_class_where_dataclasses_names_no_file() -> None:
    broken = namespace(POINT + "    def __post_init__(self):\n        raise KeyError\n")["Point"]
    with pytest.raises(KeyError) as raised:
        broken(x=1)
    frames = traceback.extract_tb(raised.value.__traceback__)
    assert [(frame.filename, frame.lineno, frame.name) for frame in frames[1:]] == [
        ("<shown>", 5, "__init__"),
        ("<shown>", 9, "__post_init__"),
    ]


def test_a_module_needs_no_dataclasses_to_be_imported() -> None:
    source = f"{POINT}\nfrom dataclasses import asdict, replace\nmade = replace\n"
    tree = ast.parse(source)
    expand(tree)
    assert "from dataclasses" not in ast.unparse(tree)


@pytest.mark.parametrize(
    "understood_not",
    [
        "@dataclass(order=True)\nclass Any:\n    x: int",
        "@dataclass(frozen=FROZEN)\nclass Any:\n    x: int",
        "@dataclass\n@marked\nclass Any:\n    x: int",
        "@dataclass\nclass Any(Elsewhere):\n    x: int",
        "@dataclass\nclass Any(Generic[T]):\n    x: T",
        "@dataclass\nclass Any(metaclass=Meta):\n    x: int",
        "@dataclass\nclass Any:\n    x: ClassVar[int] = 1",
        "@dataclass\nclass Any:\n    x: InitVar[int]",
        "@dataclass\nclass Any:\n    _: KW_ONLY\n    x: int",
        "@dataclass\nclass Any:\n    x: int = field(metadata={})",
        "@dataclass\nclass Any:\n    x: list[int] = []",
        "@dataclass\nclass Any:\n    x: int = field(kw_only=True)",
        "@dataclass\nclass Any:\n    x: int = field(init=False, default=1)",
        "@dataclass\nclass Any:\n    x: int = 1\n    y: int",
        "@dataclass\nclass Any:\n    x: int\n    def __eq__(self, other): return True",
        "@dataclass\nclass Any:\n    x: int\n    def __init__(self): pass",
        "@dataclass\nclass Any:\n    x: int\n    __slots__ = ('x',)",
        "@dataclass\nclass Any:\n    __x: int",
        "@dataclass\nclass Any:\n    self: int",
        "dataclass = marked\n@dataclass\nclass Any:\n    x: int",
        "def field(): pass\n@dataclass\nclass Any:\n    x: int",
        "class Any: pass\n@dataclass\nclass Any:\n    x: int",
        "def made():\n    @dataclass\n    class Any:\n        x: int",
    ],
)
def test_what_is_not_understood_stays_as_it_is(understood_not: str) -> None:
    source = HEAD + understood_not
    tree = ast.parse(source)
    expand(tree)
    assert _without_import(tree) == _without_import(ast.parse(source))


def _without_import(tree: ast.Module) -> str:
    """A name that the module does not use may go."""
    return "\n".join(line for line in ast.unparse(tree).splitlines() if "import" not in line)


def test_a_class_that_is_not_a_dataclass_may_have_attributes_of_its_own() -> None:
    """The library refuses them where the dataclass has slots: its `super()` is of another class."""
    point = namespace(POINT)["Point"]
    heir = type("Heir", (point,), {})(x=1)
    heir.of_its_own = 2
    assert heir.of_its_own == 2
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        heir.x = 2
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'unknown'"):
        point(x=1).unknown = 2


def test_a_class_of_itself_is_printed_once() -> None:
    point = namespace(POINT)["Point"]
    one = point(x=1)
    one.tags.append(one)
    assert repr(one) == "Point(x=1, tags=[...])"


def test_a_folder_is_compiled_for_where_it_will_be(tmp_path: Path) -> None:
    module = tmp_path / "shapes/point.py"
    module.parent.mkdir()
    module.write_text(POINT)
    assert compile_folder(tmp_path, runs_at=Path("/opt")) == 1
    made = Path(importlib.util.cache_from_source(str(module))).read_bytes()
    code = marshal.loads(made[16:])  # noqa: S302 - made above
    assert (made[4:8], code.co_filename) == (b"\x01\0\0\0", "/opt/shapes/point.py")
    compile_folder(tmp_path, runs_at=Path("/opt"))
    assert Path(importlib.util.cache_from_source(str(module))).read_bytes() == made


def test_a_checked_file_is_not_taken_once_its_source_has_changed(tmp_path: Path) -> None:
    module = tmp_path / "point.py"
    module.write_text(POINT)
    compile_folder(tmp_path, checked=True)
    assert _in_a_process(tmp_path, "Point") == "True"
    module.write_text(POINT.replace("Point", "Place"))
    assert _in_a_process(tmp_path, "Place") == "False"


def _in_a_process(folder: Path, name: str) -> str:
    """Whether a class of the module, imported by a process of its own, is an expanded one."""
    code = f"import point; print('__record__' in vars(point.{name}))"
    paths = f"{folder}{os.pathsep}{ROOT / 'layers/core/python'}"
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.defpath, "PYTHONPATH": paths},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


@pytest.mark.skipif("EXPANDED" not in os.environ, reason="`make test` was not asked for it")  # noqa: TID251 - who asked
def test_the_suite_runs_on_expanded_code_where_it_was_asked_to() -> None:
    kind = importlib.import_module("aiwebhook.domain.lease").RunLease
    assert is_expanded(kind)
    packages = {Path(package).name for package in PACKAGES}
    plain = {
        f"{name}.{kind.__qualname__}"
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in packages
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == name
        if "__dataclass_params__" in vars(kind) and not is_expanded(kind)
        if not has_base_elsewhere(kind)
    }
    assert plain == set()
    of_a_child = "import aiwebhook.domain.lease as it; print('__record__' in vars(it.RunLease))"
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT / "layers/core/python")}
    child = [sys.executable, "-c", of_a_child]
    assert subprocess.check_output(child, env=environment, text=True).strip() == "True"
