"""The official SDK over standard input and output, on `aiwebhook mcp channel`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doors.conftest import Door
from tests.doors.research import SAID, completed
from tests.doors.tools import PYTHON, SCRIPTS
from tests.support.waiting import eventually

pytestmark = [pytest.mark.doors, pytest.mark.req("N6")]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_python_sdk_learns_what_an_agent_did(door: Door, tmp_path: Path, mode: str) -> None:
    environment = {
        "PATH": os.defpath,
        "HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if "site-packages" not in path),
        "AIWEBHOOK_URL": door.url.removesuffix("/mcp"),
        "AIWEBHOOK_API_KEY": door.driver.key,
    }
    server = [sys.executable, "-m", "aiwebhook_cli", "mcp", "channel"]
    command = [str(PYTHON), str(SCRIPTS / "python_channel.py"), mode, *server]
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as client:
        assert client.stdout is not None
        begun = json.loads(client.stdout.readline())
        assert begun == {"version": "2025-11-25", "experimental": {"claude/channel": {}}}
        kept = tmp_path / ".local/state/aiwebhook/channels"
        eventually(lambda: list(kept.glob("*.json")))
        door.driver.task()
        completed(door.driver)
        pushed = json.loads(client.stdout.readline())
        assert pushed["content"].startswith(SAID)
        assert pushed["meta"]["type"] == "task.completed"
        client.communicate()
        assert client.returncode == 0
