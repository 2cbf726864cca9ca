"""Who knows nothing but the URL and a key can do the whole job."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from aiwebhook_local.stack import StackInfo
from tests.support.tenant import Tenant

PROGRAM = Path(__file__).with_name("only_the_url.py")


@pytest.mark.req("D3", "D10")
def test_a_model_that_knows_only_the_url_does_the_whole_job(
    stack: StackInfo, project: Tenant
) -> None:
    command = [sys.executable, "-I", str(PROGRAM), stack.url, project.key]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["status"] == "completed"
    assert "slate" in result["say"]
    assert result["memories"] >= 1


@pytest.mark.req("D3", "D10")
def test_what_it_knows_it_has_read_there(stack: StackInfo) -> None:
    tree = ast.parse(PROGRAM.read_text("utf-8"))
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert imported == {"json", "re", "sys", "urllib.request"}
    assert [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)] == ["typing"]

    service = httpx.get(stack.url, headers={"Accept": "application/json"})
    instructions = httpx.get(service.json()["instructions"])
    read = service.text + instructions.text
    assert {name for name in names_used(tree) if name not in read} == {"__main__"}


def names_used(tree: ast.AST) -> set[str]:
    """Commands, their arguments, names in answers, and the words that answers are compared with."""
    used: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="send"), args=[ast.Constant(value=str(command))]):
                used |= {command, *(k.arg for k in node.keywords if k.arg)}
            case ast.Subscript(slice=ast.Constant(value=str(name))):
                used.add(name)
            case ast.Compare():
                used |= {str(n.value) for n in ast.walk(node) if isinstance(n, ast.Constant)}
            case _:
                pass
    return used
