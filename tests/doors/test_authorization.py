"""The conformance suite's two scenarios for authorization servers, on our own.

The suite prints where a person must go and waits for the redirect; person.py goes there.
"""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.doors.conftest import Deployment
from tests.doors.person import sign_in
from tests.doors.tools import SUITE, program

EXPECTED = {
    "authorization-server-metadata": "SUCCESS",
    "authorization-server-metadata-cimd": "SUCCESS",
    "authorization-code-grant": "SUCCESS",
}
"""All checks the suite has for an authorization server."""


def registered(deployment: Deployment, port: int) -> str:
    """A client that the suite can play: its redirect URI is on this port."""
    order = {"client_name": "Suite", "redirect_uris": [f"http://127.0.0.1:{port}/callback"]}
    made = httpx.post(f"{deployment.url}/register", json=order)
    assert made.status_code == 201, made.text
    return made.json()["client_id"]


def free_port() -> int:
    """Nobody listens on it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def statuses(folder: Path) -> Mapping[str, str]:
    """Of the checks that the suite wrote down."""
    checks = [each for file in folder.rglob("checks.json") for each in json.loads(file.read_text())]
    return {check["id"]: check["status"] for check in checks}


@pytest.mark.doors
@pytest.mark.req("D2", "O7")
def test_the_authorization_server_passes_both_scenarios(
    deployment: Deployment, tmp_path: Path
) -> None:
    port = free_port()
    command = (
        *(*program(*SUITE), "authorization", "--url", deployment.url, "--port", str(port)),
        *("--client-id", registered(deployment, port), "--resource", f"{deployment.url}/mcp"),
        *("--output-dir", str(tmp_path)),
    )
    shown: list[str] = []
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as suite:
        assert suite.stdout is not None
        try:
            for line in suite.stdout:
                shown.append(line)
                if line.startswith(f"{deployment.url}/authorize?"):
                    sign_in(deployment.code, line.strip())
        except BaseException:
            suite.kill()  # it would wait five minutes for a person
            raise
    assert statuses(tmp_path) == EXPECTED, "".join(shown)
    assert suite.returncode == 0, "".join(shown)
