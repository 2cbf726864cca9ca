"""What a deployment ships: the code as it is now, compiled for where it will run."""

from __future__ import annotations

import importlib.util
import marshal
import sys
from pathlib import Path
from types import CodeType

import pytest

from infra.assets import CORE_LAYER, Assets
from infra.constructs.layers import RUNTIME
from layers.build_vendor import PYTHON
from tests.house.tree import ROOT

UNCHECKED_HASH = 0b01  # flags of PEP 552: by hash, and never compared with the source


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    """A deployment's assets, compiled by the Python that runs the tests."""
    return Assets(staging=tmp_path, interpreter=sys.executable)


def bytecode_of(module: Path) -> tuple[int, str]:
    """The flags of a module's .pyc, and the path that its tracebacks show."""
    content = Path(importlib.util.cache_from_source(str(module))).read_bytes()
    code = marshal.loads(content[16:])  # noqa: S302 - compiled a moment ago, by us
    assert isinstance(code, CodeType)
    return int.from_bytes(content[4:8], "little"), code.co_filename


@pytest.mark.req("O1")
def test_a_function_ships_alone_and_compiled(assets: Assets, tmp_path: Path) -> None:
    assets.function("relay")
    shipped = tmp_path / "functions/relay"
    assert [path.name for path in shipped.iterdir()] == ["relay"]
    assert bytecode_of(shipped / "relay/handler.py") == (
        UNCHECKED_HASH,
        "/var/task/relay/handler.py",
    )


@pytest.mark.req("O1")
def test_every_module_of_the_core_layer_ships_compiled(assets: Assets, tmp_path: Path) -> None:
    assets.core_layer()
    shipped = tmp_path / CORE_LAYER
    modules = {path.relative_to(shipped) for path in shipped.rglob("*.py")}
    written = (ROOT / CORE_LAYER).rglob("*.py")
    assert modules == {path.relative_to(ROOT / CORE_LAYER) for path in written}
    for module in modules:
        assert bytecode_of(shipped / module) == (UNCHECKED_HASH, f"/opt/{module}")


@pytest.mark.req("O1")
def test_the_code_is_compiled_by_the_python_that_will_run_it() -> None:
    assert RUNTIME.name == f"python{PYTHON}"


@pytest.mark.req("O1")
def test_what_an_earlier_deployment_shipped_does_not_stay(assets: Assets, tmp_path: Path) -> None:
    old = tmp_path / "functions/relay/relay/old.py"
    old.parent.mkdir(parents=True)
    old.write_text("")
    assets.function("relay")
    assert not old.exists()


@pytest.mark.req("O1")
def test_without_the_right_python_a_deployment_is_slower_and_says_so(tmp_path: Path) -> None:
    slow = Assets(staging=tmp_path, interpreter=None)
    slow.function("relay")
    assert slow.slow_start is not None
    assert (tmp_path / "functions/relay/relay/handler.py").exists()
    assert list(tmp_path.rglob("*.pyc")) == []
