"""README: its commands are executed, and what it names exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from aiwebhook.domain.agent import AgentKind, AgentManifest
from aiwebhook_local.stack import StackInfo

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CLAUDE.md", "docs/agents.md", "docs/deploy.md")
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
TYPED = re.compile(r"^\$ (.+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
PORT = "http://127.0.0.1:8787"


def commands(block: str) -> list[str]:
    """What a person types: lines behind `$ `, with those that continue them."""
    typed: list[str] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            typed.append(line.removeprefix("$ "))
        elif typed and typed[-1].endswith("\\"):
            typed[-1] += f"\n{line}"
    return typed


BLOCKS = [commands(block) for block in BLOCK.findall(README)]


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    named: set[str] = set()
    for document in DOCUMENTS:
        text = (ROOT / document).read_text(encoding="utf-8")
        # In code, or typed: prose may make many things.
        code = [*CODE.findall(text), *TYPED.findall(text)]
        named |= set(MAKE.findall("\n".join(code)))
    assert {"demo", "test", "up"} <= named
    assert named <= targets


def test_every_file_that_the_readme_links_to_exists() -> None:
    assert [path for path in LINK.findall(README) if not (ROOT / path).exists()] == []


def test_the_readme_has_no_console_block_without_a_command() -> None:
    assert BLOCKS
    assert all(BLOCKS)


@pytest.mark.req("T5")
def test_the_example_of_an_agent_of_ones_own_is_a_manifest() -> None:
    text = (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)

    manifest = AgentManifest.from_mapping(tomllib.loads(example), source="docs/agents.md")

    assert manifest.kind is AgentKind.TEMPLATE
    assert f"agents/{manifest.name}.toml" in text


@pytest.mark.req("O5", "W2", "S8")
def test_the_first_steps_work_as_they_are_written(stack: StackInfo, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the README's first steps use curl, which this machine does not have")
    # The place a reader stands in: a clone, set up, with its stack running at the usual port.
    (tmp_path / ".local").symlink_to(stack.home.root)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    steps = [c for block in BLOCKS for c in block if not c.startswith("make ")]
    assert steps, "README shows nothing to do with a running stack"
    script = "\n".join(["set -euo pipefail", *steps]).replace(PORT, stack.url)

    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"},
    )

    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    assert '"status":"success"' in done.stdout
    assert "planning" in done.stdout
    assert "Ana said: Let us use Postgres for the shipments" in done.stdout, "the first result"
    assert "brief.md" in done.stdout
