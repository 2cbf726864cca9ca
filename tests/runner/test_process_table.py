"""What the sweep and the limits know of this machine's processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aiwebhook_runner.process.process_table import ProcessRow, process_table


@pytest.mark.req("T4")
@pytest.mark.skipif(sys.platform != "linux", reason="the name is part of a line in /proc alone")
@pytest.mark.parametrize("name", [b"sleep", b"a) Z 1 1 (b", b"a\nb) X 2", b"\xff) S 0"])
def test_a_process_is_found_whatever_it_calls_itself(tmp_path: Path, name: bytes) -> None:
    program = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 - no text
    shutil.copy(b"/bin/sleep", program)
    with subprocess.Popen([program, b"60"], start_new_session=True) as process:
        rows = [row for row in process_table() if row.pid == process.pid]
        process.kill()
    pid, ours = process.pid, os.getpid()

    assert rows == [ProcessRow(pid=pid, parent=ours, group=pid, zombie=False)]


@pytest.mark.req("T4")
def test_a_dead_child_is_a_zombie_until_somebody_waits_for_it() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    dead = [row.zombie for row in process_table() if row.pid == process.pid]
    process.wait()

    assert dead == [True]
    assert process.pid not in {row.pid for row in process_table()}
