"""The third-party layer holds what Lambda on arm64 can load, and what our code needs."""

from __future__ import annotations

import importlib.util
import re
import struct
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.tree import ROOT, sources

BUILD_SCRIPT = ROOT / "layers/build_vendor.py"
LAYER = ROOT / ".build/layers/vendor/python"
AARCH64 = 183  # e_machine of ELF
CLIENT = re.compile(r"\.(?:client|resource|create_client)\(\s*\"([a-z0-9-]+)\"")


def build_script() -> ModuleType:
    """layers/build_vendor.py is a script beside the layers, not a module on a path."""
    spec = importlib.util.spec_from_file_location("build_vendor", BUILD_SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_vendor"] = module
    spec.loader.exec_module(module)
    return module


def machine(path: Path) -> int:
    """The processor that a shared object is for."""
    header = path.read_bytes()[:20]
    assert header[:4] == b"\x7fELF"
    (value,) = struct.unpack_from("<H", header, 18)
    return int(value)


def shared_objects() -> list[Path]:
    return [path for path in LAYER.rglob("*.so*") if path.is_file()]


def test_the_layer_keeps_every_service_that_our_code_calls() -> None:
    called = {
        service
        for source in sources()
        if source.path.startswith(("layers/core/", "functions/"))
        for service in CLIENT.findall(source.text)
    }
    assert called - build_script().SERVICES == set()


@pytest.mark.layer
def test_every_shared_object_is_for_arm64() -> None:
    objects = shared_objects()
    assert objects != []
    assert [path.name for path in objects if machine(path) != AARCH64] == []


@pytest.mark.layer
def test_extensions_are_for_the_python_of_lambda() -> None:
    tag = f"cpython-{build_script().PYTHON.replace('.', '')}"
    extensions = [path.name for path in shared_objects() if "cpython-" in path.name]
    assert extensions != []
    assert [name for name in extensions if tag not in name] == []


@pytest.mark.layer
@pytest.mark.parametrize(
    "package", ["aws_lambda_powertools", "botocore", "psycopg", "pydantic", "jsonschema"]
)
def test_the_layer_holds_what_functions_import(package: str) -> None:
    assert (LAYER / package / "__init__.py").is_file()


@pytest.mark.layer
def test_the_layer_describes_no_service_that_we_do_not_call() -> None:
    described = {path.name for path in (LAYER / "botocore/data").iterdir() if path.is_dir()}
    assert described == build_script().SERVICES


@pytest.mark.layer
def test_the_layer_carries_no_tests_and_no_scripts() -> None:
    noise = [path for name in ("tests", "test", "bin") for path in LAYER.glob(f"**/{name}")]
    assert noise == []
