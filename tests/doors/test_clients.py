"""The official clients, and the CLIs of three vendors, on our server: each opens a session,
delegates, and gets the update.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.agents.lab import Provider
from tests.doors.conftest import Door
from tests.doors.tools import NODE_MODULES, PYTHON, SAMPLE, SCRIPTS, node, program, run
from tests.support.session_api import BRIEF, ApiDriver

pytestmark = [pytest.mark.doors, pytest.mark.req("D2", "N5")]
Json = dict[str, Any]
SAID = "Copper is fine."
SERVER = "aiwebhook"
SCRIPT: Json = {
    "door_open": [
        {"mcp": [SERVER, "start_session", {"title": "Copper"}]},
        {"mcp": [SERVER, "delegate_task", {"agent": "researcher", "instructions": "Look"}]},
        {"say": "It is under way."},
    ],
    "door_close": [{"mcp": [SERVER, "get_updates", {}]}, {"say": "That is all."}],
}


def completed(driver: ApiDriver) -> None:
    """The researcher is done."""
    told = driver.claim()
    told.post("artifacts", {"name": "plan.md", "type": "document", "content": "# The plan"})
    assert told.post("complete", {"output": BRIEF, "say": SAID}).status == 200


def answer_of(told: str) -> Json:
    """The line of JSON that a script prints."""
    lines = [line for line in told.splitlines() if line.startswith("{")]
    assert lines, told
    return json.loads(lines[-1])


@pytest.mark.parametrize(
    ("mode", "version"),
    [("legacy", "2025-11-25"), ("auto", "2026-07-28"), ("2026-07-28", "2026-07-28")],
)
def test_the_python_sdk_does_the_whole_job(
    door: Door, tmp_path: Path, mode: str, version: str
) -> None:
    script = (str(PYTHON), str(SCRIPTS / "python_sdk.py"), door.url, door.driver.key, mode)
    opened = answer_of(run((*script, "open"), folder=tmp_path))
    assert opened["version"] == version
    assert len(opened["tools"]) == 14
    completed(door.driver)
    closed = answer_of(run((*script, "close"), folder=tmp_path))
    assert [update["say"] for update in closed["updates"]["updates"]] == [SAID]
    assert closed["task"]["data"]["artifact"]["text"] == "# The plan"
    assert closed["task"]["session_id"] == opened["session"]["session_id"]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_typescript_sdk_speaks_with_it(door: Door, tmp_path: Path, mode: str) -> None:
    # Beside node_modules, where its import is looked up.
    script = NODE_MODULES.parent / "typescript_sdk.mjs"
    shutil.copyfile(SCRIPTS / script.name, script)
    told = answer_of(run((node(), str(script), door.url, door.driver.key, mode), folder=tmp_path))
    assert len(told["tools"]) == 14
    assert told["task"]["session_id"] == told["session"]["session_id"]


def test_the_inspector_lists_the_tools(door: Door, tmp_path: Path) -> None:
    inspector = program("@modelcontextprotocol/inspector", "clients/launcher/build/index.js")
    options = ("--cli", door.url, "--transport", "http", "--format", "json")
    told = run((*inspector, *options, "--method", "tools/list"), folder=tmp_path)
    assert len(answer_of(told)["result"]["tools"]) == 14


# ── the CLIs ──
@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where one CLI finds its model, our server, and its home."""

    home: Path
    provider: str
    url: str
    key: str

    @property
    def server(self) -> Json:
        """Our server, as most of them write it."""
        return {"url": self.url, "headers": {"Authorization": f"Bearer {self.key}"}}


Started = tuple[Sequence[str], Mapping[str, str]]


def claude(setting: Setting) -> Started:
    """Claude Code."""
    servers = {"mcpServers": {SERVER: {"type": "http", **setting.server}}}
    file = setting.home / "mcp.json"
    file.write_text(json.dumps(servers), "utf-8")
    argv = ("claude", "-p", "--output-format", "stream-json", "--verbose", "--model")
    argv += ("claude-sonnet-4-5", "--dangerously-skip-permissions", "--strict-mcp-config")
    return (*argv, "--mcp-config", str(file)), {
        "ANTHROPIC_BASE_URL": setting.provider,
        "ANTHROPIC_API_KEY": "a key of the lab",
        "IS_SANDBOX": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }


def codex(setting: Setting) -> Started:
    """Codex."""
    model = f'{{name="lab",base_url="{setting.provider}/v1",env_key="LAB",wire_api="responses"}}'
    server = f'{{url="{setting.url}",bearer_token_env_var="AIWEBHOOK_KEY"'
    argv = ("codex", "exec", "--json", "--skip-git-repo-check", "--model", "gpt-5")
    argv += ("--dangerously-bypass-approvals-and-sandbox", "-c", 'model_provider="lab"')
    argv += ("-c", "analytics.enabled=false", "-c", "check_for_update_on_startup=false")
    argv += ("-c", f"model_providers.lab={model}")
    argv += ("-c", f'mcp_servers.{SERVER}={server},default_tools_approval_mode="approve"}}', "-")
    return argv, {"CODEX_HOME": str(setting.home), "LAB": "key", "AIWEBHOOK_KEY": setting.key}


def gemini(setting: Setting) -> Started:
    """Gemini CLI."""
    server = {"httpUrl": setting.url, "headers": setting.server["headers"]}
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
        "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
        "mcpServers": {SERVER: server},
    }
    folder = setting.home / ".gemini"
    folder.mkdir(exist_ok=True)
    (folder / "settings.json").write_text(json.dumps(settings), "utf-8")
    argv = ("gemini", "-o", "stream-json", "-m", "gemini-2.5-pro", "--yolo", "--skip-trust")
    return argv, {
        "GEMINI_API_KEY": "a key of the lab",
        "GOOGLE_GEMINI_BASE_URL": setting.provider,
        "GEMINI_CLI_NO_RELAUNCH": "true",
    }


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of the scripted model provider, which knows our two scenarios."""
    folder = tmp_path_factory.mktemp("provider")
    script = folder / "script.json"
    script.write_text(json.dumps(SCRIPT), "utf-8")
    running = Provider(folder, script)
    yield running.url
    running.stop()


@pytest.mark.skipif(SAMPLE, reason="the CLIs are in the whole of make test-doors")
@pytest.mark.parametrize("start", [claude, codex, gemini])
def test_a_real_cli_opens_a_session_delegates_and_gets_the_update(
    door: Door, provider: str, tmp_path: Path, start: Callable[[Setting], Started]
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    setting = Setting(home=tmp_path, provider=provider, url=door.url, key=door.driver.key)
    argv, environment = start(setting)

    def play(scenario: str) -> str:
        return run(
            argv,
            folder=work,
            environment={**environment, "HOME": str(tmp_path)},
            stdin=f"Do it. [[scenario:{scenario}]]\n",
        )

    opened = play("door_open")
    assert "task_" in opened, opened
    completed(door.driver)
    told = play("door_close")
    assert SAID in told, told
