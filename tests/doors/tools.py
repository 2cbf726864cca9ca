"""Where `make test-doors` has put the programs of others, and how they are run."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / ".build/doors/node_modules"
PYTHON = ROOT / ".venv-doors/bin/python"
SUITE = ("@modelcontextprotocol/conformance", "dist/index.js")
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


def run_on_a_terminal(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    answers: Mapping[str, str],
    within_s: int = 120,
) -> str:
    """What a program shows that wants to speak with a person; to each question, its answer."""
    leader, follower = pty.openpty()
    started = subprocess.Popen(
        command,
        cwd=folder,
        env={"PATH": f"{AGENTS}:{os.defpath}", "HOME": str(folder), **environment},
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    overdue = threading.Timer(within_s, os.killpg, (started.pid, signal.SIGKILL))
    overdue.start()
    shown, unasked = b"", dict(answers)
    with started, suppress(OSError):  # Linux ends a terminal without writers so
        while piece := os.read(leader, 65_536):
            shown += piece
            for question in [q for q in unasked if q.encode() in shown]:
                os.write(leader, unasked.pop(question).encode())
    overdue.cancel()
    os.close(leader)
    return shown.decode(errors="replace")
