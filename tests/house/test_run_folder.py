"""What a test leaves in the temporary folder goes with its process, or with the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.source_tree import PYTHONPATH, ROOT

LEAVES = """
import subprocess, tempfile
def test():
    tempfile.mkdtemp()
    subprocess.run(["mktemp", "-d"], check=True)
"""
KILLED = f"""{LEAVES}
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
"""
INTERRUPTED = f"""{LEAVES}
    raise KeyboardInterrupt
"""


def run_tests(source: str, folder: Path) -> tuple[int, list[str]]:
    """A pytest of its own whose /tmp is `folder`; its code, and what it left there."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    (folder / "test_it.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.support.run_folder", "test_it.py"],
        cwd=folder,
        env={
            "PATH": os.defpath,
            "PYTHONPATH": f"{PYTHONPATH}{os.pathsep}{ROOT}",
            "TMPDIR": str(temporary),
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode, [entry.name for entry in temporary.iterdir()]


@pytest.mark.req("O5")
@pytest.mark.parametrize(("source", "code"), [(LEAVES, 0), (INTERRUPTED, 2)])
def test_a_test_run_leaves_nothing(source: str, code: int, tmp_path: Path) -> None:
    assert run_tests(source, tmp_path) == (code, [])


@pytest.mark.req("O5")
def test_what_a_killed_run_left_goes_with_the_next(tmp_path: Path) -> None:
    code, left = run_tests(KILLED, tmp_path)
    assert (code, len(left)) == (-signal.SIGKILL, 1)

    assert run_tests(LEAVES, tmp_path) == (0, [])
