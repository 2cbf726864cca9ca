"""`aiwebhook mcp check`: ours for real, those of others by stand-ins; and all that can be wrong.

Others for real: tests/journeys/test_mcp_check.py.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_cli.mcp_servers import speaking
from tests.cli.conftest import CommandLine, Outcome
from tests.support.mcp_stand_in import github_stand_in
from tests.support.processes import has_ended
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("D5")
Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
Check = Callable[[Json], Outcome]


def standing_in(kind: str, *more: str) -> Json:
    """A program instead of somebody's server."""
    return {
        "command": sys.executable,
        "args": ["-m", "tests.support.mcp_stand_in", kind, *more],
        "env": {"PYTHONPATH": str(ROOT)},
    }


@pytest.fixture
def check(cli: CommandLine, tmp_path: Path) -> Check:
    """Checks servers, from a file."""

    def run(servers: Json, *arguments: str) -> Outcome:
        (tmp_path / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
        return cli("--json", "mcp", "check", *arguments)

    return run


def rows(outcome: Outcome) -> dict[str, Json]:
    return {row["server"]: row for row in outcome.json["items"]}


def test_ours_is_written_to_read_and_left_as_it_was(cli: CommandLine, check: Check) -> None:
    ours = json.loads((ROOT / ".mcp.json").read_text())["mcpServers"]["aiwebhook"]
    before = cli.driver.sql("SELECT session_id FROM sessions")
    for _ in range(2):  # the second is not answered with the first one's session
        [row] = check({"aiwebhook": ours}).json["items"]
        assert row["ok"], row
        assert row["tools"] >= 14
        assert row["read"] == "that memory again"
        assert "deleted again" in row["wrote"]
    assert cli.driver.sql("SELECT session_id FROM sessions") == before


def test_each_kind_of_server_has_one_real_read(check: Check) -> None:
    with github_stand_in() as github:
        for as_events in (True, False):
            github.as_events = as_events
            outcome = check(
                {
                    "postgres": standing_in("postgres"),
                    "files": standing_in("files"),
                    "other": standing_in("other"),
                    "github": {
                        "type": "http",
                        "url": github.url,
                        "headers": {"Authorization": "Bearer ${TOKEN:-ghp_right}"},
                    },
                }
            )
            found = rows(outcome)
            assert outcome.code == 0, found
            assert found["postgres"]["read"] == "13 tables, as 'reader', which can only read"
            assert found["files"]["read"].startswith("2 entries of /")
            assert found["github"]["read"] == "signed in as octocat"
            assert found["other"]["read"] == "nothing: no read of it is known"
            assert [row["tools"] for row in found.values()] == [2, 2, 1, 2]
        assert "session-1" in github.sessions


def test_each_fault_has_its_remedy(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaking, "START_S", 60.0)
    monkeypatch.setattr(speaking, "ANSWER_S", 60.0)
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    with github_stand_in() as github:
        token = {"Authorization": "Bearer ${GITHUB_TOKEN}"}
        cases: dict[str, tuple[Json, str, str]] = {
            "none": ({"command": "no-such-program"}, "No such file", "run it yourself"),
            "ends": (standing_in("ends"), "it ended: no database is there", "run it yourself"),
            "writable": (standing_in("writable"), "role 'reader' may write", "only read"),
            "variable": (
                {"url": github.url, "headers": token},
                "GITHUB_TOKEN has",
                "export GITHUB_TOKEN",
            ),
            "gone": ({"url": "http://127.0.0.1:1/mcp"}, "cannot be reached", "does it run?"),
            "refused": ({"url": github.url}, "HTTP 401", "credentials"),
            "scheme": ({"url": "ftp://x"}, "no HTTP address", "right"),
        }
        outcome = check({name: server for name, (server, _, _) in cases.items()})
        monkeypatch.setattr(speaking, "START_S", 0.3)
        cases["silent"] = (standing_in("silent"), "no answer to initialize", "run it yourself")
        more = check({"silent": cases["silent"][0]})
    assert (outcome.code, more.code) == (1, 1)
    for name, row in (rows(outcome) | rows(more)).items():
        _, fault, remedy = cases[name]
        assert not row["ok"]
        assert fault in row["fault"], row
        assert remedy in row["remedy"], row
        assert f"{name}: " in outcome.err + more.err


def test_what_a_server_started_ends_with_it(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "_ENDED_S", 1.0)
    pid_file = tmp_path / "pid"
    assert check({"other": standing_in("lives_on", str(pid_file))}).code == 0
    pid = int(pid_file.read_text())
    eventually(lambda: has_ended(pid), within_s=20)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ("[]", "no object 'mcpServers'"),
        ('{"mcpServers": {"a": {}}}', "neither 'command' nor 'url'"),
        ('{"mcpServers": {"b": {"command": "true"}}}', "has no server 'a', but: b."),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_declares_nothing_is_reported_in_a_sentence(
    cli: CommandLine, tmp_path: Path, text: str | None, told: str
) -> None:
    if text is not None:
        (tmp_path / ".mcp.json").write_text(text)
    refused = cli("mcp", "check", "a")
    assert refused.code in (1, 2, 4), refused.code
    assert told in refused.err
    assert "Traceback" not in refused.err


def test_what_the_repository_declares_is_pinned_as_it_is_tested() -> None:
    servers = json.loads((ROOT / ".mcp.json").read_text())["mcpServers"]
    tested = json.loads((ROOT / "tests/doors/package.json").read_text())["dependencies"]
    pinned = [
        word.rpartition("@")
        for server in servers.values()
        for word in server.get("args", ())
        if word.startswith("@")
    ]
    assert {name: version for name, _, version in pinned} == {
        name: tested[name]
        for name in ("@bytebase/dbhub", "@modelcontextprotocol/server-filesystem")
    }
