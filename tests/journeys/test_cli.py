"""`aiwebhook local`: a stack of its own that goes up, is used, and goes down without a trace."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from aiwebhook_local.home import Home
from aiwebhook_local.ports import free_port
from aiwebhook_local.supervisor import stack_status
from tests.support.waiting import eventually

COMMAND = [sys.executable, "-m", "aiwebhook_cli"]


def environment(home: Path, port: int) -> dict[str, str]:
    """Nothing of the developer's shell but the interpreter's own paths."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home.parent),
        "LANG": "C.UTF-8",
        "AIWEBHOOK_HOME": str(home),
        "AIWEBHOOK_PORT": str(port),
    }


def run(env: dict[str, str], *arguments: str) -> tuple[int, Any]:
    """Exit code and JSON of a command."""
    done = subprocess.run(
        [*COMMAND, *arguments, "--json"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout.strip() else done.stderr


@contextmanager
def up(env: dict[str, str], log: Path) -> Generator[subprocess.Popen[bytes]]:
    """`aiwebhook local up` in the background, killed if the test leaves it running."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*COMMAND, "local", "up"], env=env, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.req("O5", "S8")
@pytest.mark.timeout(300)
def test_up_status_use_and_down_through_the_command_line(open_folder: Path) -> None:
    port = free_port()
    env = environment(open_folder / "home", port)
    assert run(env, "local", "status")[0] == 1
    with up(env, open_folder / "up.log") as process:

        def ready() -> bool:
            assert process.poll() is None, (open_folder / "up.log").read_text()
            # Asked here: a process for each look would take the processor from what it waits for.
            return stack_status(Home(root=open_folder / "home")).ready

        eventually(ready, within_s=100)
        code, told = run(env, "local", "status")
        assert code == 0, told
        assert told["url"] == f"http://127.0.0.1:{port}"
        pids = [pid for pid in told["pids"].values() if psutil.pid_exists(pid)]
        assert pids
        code, second = run(env, "local", "up")
        assert code == 1
        assert f"already runs at http://127.0.0.1:{port}" in json.loads(second)["detail"]
        assert "aiwebhook local down" in json.loads(second)["detail"]
        code, made = run(env, "session", "create", "planning", "--title", "Planning")
        assert code == 0, made
        code, listed = run(env, "session", "list")
        assert "planning" in json.dumps(listed)

        assert run(env, "local", "down")[0] == 0
        assert process.wait(timeout=30) == 0
    assert run(env, "local", "status")[0] == 1
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []
    log = (open_folder / "up.log").read_text()
    assert "Traceback" not in log
    assert log.index("Stopping") < log.index("Stopped. The data stays in")
