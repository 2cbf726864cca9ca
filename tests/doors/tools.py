"""Where `make test-doors` has put the programs of others, and how they are run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / ".build/doors/node_modules"
PYTHON = ROOT / ".venv-doors/bin/python"
AGENTS = ROOT / ".build/agents/bin"
SCRIPTS = Path(__file__).parent
SAMPLE = os.environ.get("DOORS") == "sample"  # noqa: TID251  reason: how long the run may take


def node() -> str:
    """The Node that came with the lock; the suite needs 22."""
    (found,) = NODE_MODULES.glob("node-*/bin/node")
    return str(found)


def program(package: str, path: str) -> Sequence[str]:
    """The start of a command line of an installed package."""
    return (node(), str(NODE_MODULES / package / path))


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
    within_s: int = 240,
) -> str:
    """What it printed, errors behind it. It sees nothing of our environment."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": f"{AGENTS}:{os.defpath}", "HOME": str(folder), **(environment or {})},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=within_s,
        check=False,
    )
    return done.stdout
