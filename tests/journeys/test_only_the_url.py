"""Who knows nothing but the URL and a key can do the whole job."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from aiwebhook_local.stack import StackInfo
from tests.support.tenant import Tenant

PROGRAM = Path(__file__).with_name("only_the_url.py")


@pytest.mark.req("D3", "D10")
def test_a_model_that_knows_only_the_url_does_the_whole_job(
    stack: StackInfo, project: Tenant
) -> None:
    tree = ast.parse(PROGRAM.read_text("utf-8"))
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert imported == {"json", "re", "sys", "urllib.request"}
    assert [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)] == ["typing"]

    command = [sys.executable, "-I", str(PROGRAM), stack.url, project.key]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["status"] == "completed"
    assert "slate" in result["say"]
    assert result["memories"] >= 1
