"""The servers of `.mcp.json` on the running stack: ours, a Postgres server and a file server as
npm has them; GitHub's needs the internet, so a stand-in takes its place.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from aiwebhook_local.database import READABLE
from aiwebhook_local.stack import StackInfo
from tests.support.mcp_stand_in import github_stand_in

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".build/doors/node_modules"
Json = dict[str, Any]


@pytest.mark.req("D5")
@pytest.mark.skipif(
    not (INSTALLED / "@bytebase/dbhub").exists(), reason="`make test-doors` installs them"
)
def test_every_declared_server_is_used(stack: StackInfo, tmp_path: Path) -> None:
    servers = json.loads((ROOT / ".mcp.json").read_text())["mcpServers"]
    for name in ("postgres", "filesystem"):
        servers[name] = _as_installed(servers[name])
    with github_stand_in() as github:
        servers["github"]["url"] = github.url
        file = tmp_path / "mcp.json"
        file.write_text(json.dumps({"mcpServers": servers}))
        done = subprocess.run(
            [sys.executable, "-m", "aiwebhook_cli", "--json", "mcp", "check", "--file", str(file)],
            env={
                "PATH": os.defpath,
                "HOME": str(tmp_path),
                "AIWEBHOOK_HOME": str(stack.home.root),
                "GITHUB_TOKEN": github.token,
            },
            cwd=ROOT,
            capture_output=True,
            timeout=100,
            check=False,
        )
    rows = {row["server"]: row for row in json.loads(done.stdout)["items"]}
    assert done.returncode == 0, rows
    assert rows["postgres"]["read"] == (
        f"{len(READABLE)} tables, as 'aiwebhook_reader', which can only read"
    )
    assert rows["filesystem"]["read"].endswith("docs")
    assert rows["github"]["read"] == "signed in as octocat"
    assert "deleted again" in rows["aiwebhook"]["wrote"]


def _as_installed(server: Json) -> Json:
    """The same without npx: its program, from the lock of `make test-doors`, by the Node there."""
    package = server["args"][1].rpartition("@")[0]
    described = json.loads((INSTALLED / package / "package.json").read_text())
    [script] = described["bin"].values()
    (node,) = INSTALLED.glob("node-*/bin/node")
    words = [str(INSTALLED / package / script), *server["args"][2:]]
    return {**server, "command": str(node), "args": words}


@pytest.mark.req("D5")
def test_the_reader_of_the_local_stack_can_only_read(stack: StackInfo) -> None:
    dsn = (stack.home.root / "reader_dsn").read_text().strip()
    assert (stack.home.root / "reader_dsn").stat().st_mode & 0o077 == 0
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone()
        connection.execute("SET default_transaction_read_only = off")
        for refused in (
            "SELECT * FROM api_keys",
            "SELECT * FROM sources",
            "DELETE FROM sessions",
            "INSERT INTO memories DEFAULT VALUES",
            "CREATE TABLE mine ()",
            "CREATE TEMPORARY TABLE mine ()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(refused)
