"""The install script as a module: it lies beside the Dockerfile, outside of every package."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "runner/image/install_agents.py"


@pytest.fixture(scope="session")
def script() -> ModuleType:
    """runner/image/install_agents.py, imported."""
    spec = importlib.util.spec_from_file_location("install_agents", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["install_agents"] = module  # where dataclasses look their annotations up
    spec.loader.exec_module(module)
    return module
