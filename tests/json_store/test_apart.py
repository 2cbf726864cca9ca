"""Neither store is imported where the other one is chosen; STORAGE_BACKEND chooses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from aiwebhook.errors import ConfigurationError
from aiwebhook.settings import storage_backend
from benchmarks.coldimport import ENVIRONMENT, PATHS

pytestmark = pytest.mark.req("S6")


def imported(function: str, **environment: str) -> set[str]:
    """The modules of a process that has loaded the function."""
    code = f"import sys, {function}.handler; print('\\n'.join(sys.modules))"
    path = ":".join(map(str, PATHS))
    env = {**ENVIRONMENT, **environment, "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=env)
    return set(done.stdout.decode().split())


@pytest.mark.parametrize("function", ["relay", "session_api"])
def test_each_store_is_alone(function: str, tmp_path: Path) -> None:
    on_postgres = imported(function)
    assert "aiwebhook.postgres.command_store" in on_postgres
    assert not [name for name in on_postgres if name.startswith("aiwebhook.json_store")]
    folder = {"STORAGE_FOLDER": str(tmp_path), "STORAGE_KEY_SHA256": "0" * 64}
    on_json = imported(function, STORAGE_BACKEND="json", **folder)
    assert "aiwebhook.json_store.whole_store" in on_json
    away = ("psycopg", "aiwebhook.postgres", "aiwebhook.aws", "boto3")
    assert not [name for name in on_json if name.startswith(away)]


def test_postgres_is_chosen_where_nothing_is_said_and_nothing_else_is_taken() -> None:
    assert storage_backend({}) == "postgres"
    with pytest.raises(ConfigurationError, match="postgres or json, got 'sqlite'"):
        storage_backend({"STORAGE_BACKEND": "sqlite"})
