"""A program that tries to reach what is not its own, for agents of every kind."""

import contextlib
import os
import subprocess
import sysconfig
from collections.abc import Generator
from pathlib import Path

import pytest

from aiwebhook_runner.process.isolation import reachable_by_others
from tests.support.source_tree import PYTHONPATH, ROOT

SYSTEM_PYTHON = Path("/usr/bin/python3")
"""One that every user may run; ours may lie in somebody's home."""
PYTHON_PATH = os.pathsep.join((PYTHONPATH, str(ROOT / "cli"), sysconfig.get_path("purelib")))
"""With which it runs all that is ours."""
LAPTOP_USER = 60_321
"""No other process of the machine runs as this one."""
needs_open_clone = pytest.mark.skipif(
    not reachable_by_others(ROOT / "pyproject.toml"),
    reason="an ordinary user starts our code where it lies, and this clone is closed to others",
)

ATTACK = """
import ctypes, glob, json, os, signal, sys
done = {}
def attempt(name, act):
    try:
        done[name] = act()
    except (OSError, ValueError) as exc:
        done[name] = f"refused: {type(exc).__name__}"
def read(path):
    with open(path, "rb") as file:
        return file.read(1 << 20).decode("utf-8", "replace")
def memory(pid):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
        start = int(maps.readline().split("-")[0], 16)
        mem.seek(start)
        return mem.read(4).hex()
def trace(pid):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, pid, None, None) != 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")
    return "attached"
def stop(pid):
    os.kill(pid, signal.SIGCONT)  # harmless; who may send it may send SIGSTOP
    return "sent"
def write(path):
    with open(path, "a"):
        return "open"
for pid in [int(name) for name in os.listdir("/proc") if name.isdigit()]:
    if pid != os.getpid():
        attempt(f"environ of {pid}", lambda: read(f"/proc/{pid}/environ"))
        attempt(f"memory of {pid}", lambda: memory(pid))
for pid in (os.getppid(), OTHER):
    attempt(f"trace of {pid}", lambda: trace(pid))
    attempt(f"signal to {pid}", lambda: stop(pid))
attempt("shadow", lambda: read("/etc/shadow"))
attempt("code", lambda: write(CODE_FILE))
attempt("given", lambda: read(SECRET_FILE))
uid = os.getuid()
"""


def hostile(folder: Path, *, other: int, owner: int = 0) -> str:
    """Its source: afterwards `uid` and `done` (attempt → what came of it) are known. `other` is a
    process that it attacks besides its parent, `owner` whom its secret file belongs to."""
    secret = folder / "api_key"
    secret.write_text("the stack's")
    secret.chmod(0o600)
    os.chown(secret, owner, owner)
    code = ROOT / "runner" / "aiwebhook_runner" / "process" / "spawn.py"
    return f"CODE_FILE, SECRET_FILE, OTHER = {str(code)!r}, {str(secret)!r}, {other}\n{ATTACK}"


def reached(done: dict[str, str]) -> dict[str, str]:
    """What was not refused; that this very process was attacked, too, shows that all were."""
    assert f"environ of {os.getpid()}" in done
    return {name: how for name, how in done.items() if not how.startswith("refused")}


@contextlib.contextmanager
def program_of(user: int, **env: str) -> Generator[int]:
    """The pid of somebody's program that guards nothing, like a shell."""
    program = subprocess.Popen(["sleep", "600"], env=env, user=user, group=user, extra_groups=[])
    try:
        yield program.pid
    finally:
        program.kill()
        program.wait()
