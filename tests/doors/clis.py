"""The CLIs of three vendors as MCP clients: how each is started, and how it signs in."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.doors.tools import AGENTS, SCRIPTS

Json = dict[str, Any]
SERVER = "aiwebhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where one CLI finds its model, our server, and its home."""

    home: Path
    provider: str
    url: str
    key: str = ""
    """Empty: it signs in."""

    @property
    def headers(self) -> Json:
        """As two of them write it."""
        return {"headers": {"Authorization": f"Bearer {self.key}"}} if self.key else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A command line that reads what a person says from its standard input."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    login: Sequence[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the login asks at the terminal, and what a person types."""


class Start(Protocol):
    """Writes the CLI's settings into its home."""

    def __call__(self, setting: Setting) -> Started: ...


def claude(setting: Setting) -> Started:
    """Claude Code."""
    servers = {SERVER: {"type": "http", "url": setting.url, **setting.headers}}
    (setting.home / ".claude.json").write_text(json.dumps({"mcpServers": servers}), "utf-8")
    argv = ("claude", "-p", "--output-format", "stream-json", "--verbose", "--model")
    return Started(
        argv=(*argv, "claude-sonnet-4-5", "--dangerously-skip-permissions"),
        login=("claude", "mcp", "login", SERVER),
        environment={
            "ANTHROPIC_BASE_URL": setting.provider,
            "ANTHROPIC_API_KEY": "a key of the lab",
            "IS_SANDBOX": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
        },
    )


def codex(setting: Setting) -> Started:
    """Codex."""
    model = f'{{name="lab",base_url="{setting.provider}/v1",env_key="LAB",wire_api="responses"}}'
    bearer = ',bearer_token_env_var="AIWEBHOOK_KEY"' if setting.key else ""
    server = f'{{url="{setting.url}"{bearer},default_tools_approval_mode="approve"}}'
    settings = ("-c", "analytics.enabled=false", "-c", "check_for_update_on_startup=false")
    settings += ("-c", f"mcp_servers.{SERVER}={server}")
    argv = ("codex", "exec", "--json", "--skip-git-repo-check", "--model", "gpt-5")
    argv += ("--dangerously-bypass-approvals-and-sandbox", "-c", 'model_provider="lab"')
    return Started(
        argv=(*argv, "-c", f"model_providers.lab={model}", *settings, "-"),
        login=("codex", *settings, "mcp", "login", SERVER),
        environment={
            "CODEX_HOME": str(setting.home),
            "LAB": "key",
            **({"AIWEBHOOK_KEY": setting.key} if setting.key else {}),
        },
    )


def gemini(setting: Setting) -> Started:
    """Gemini CLI, with the headers of docs/setup.md."""
    headers = {**setting.headers.get("headers", {}), "User-Agent": "gemini-cli"}
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
        "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
        "mcpServers": {SERVER: {"httpUrl": setting.url, "headers": headers}},
    }
    folder = setting.home / ".gemini"
    folder.mkdir(exist_ok=True)
    (folder / "settings.json").write_text(json.dumps(settings), "utf-8")
    return Started(
        argv=("gemini", "-o", "stream-json", "-m", "gemini-2.5-pro", "--yolo", "--skip-trust"),
        login=("gemini", "--skip-trust", "-p", f"/mcp auth {SERVER}"),
        answers={"[Y/n]": "y\r"},
        environment={
            "GEMINI_API_KEY": "a key of the lab",
            "GOOGLE_GEMINI_BASE_URL": setting.provider,
            "GEMINI_CLI_NO_RELAUNCH": "true",
        },
    )


def with_a_browser(folder: Path, code: str) -> Mapping[str, str]:
    """The environment in which a page that a CLI opens is answered by a person with this code."""
    programs = folder / "programs"
    programs.mkdir()
    person = shlex.join((sys.executable, str(SCRIPTS / "person.py"), code))
    for name in ("xdg-open", "open"):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {person} "$1"\n', "utf-8")
        program.chmod(0o700)
    return {
        "PATH": f"{programs}:{AGENTS}:{os.defpath}",
        "BROWSER": str(programs / "xdg-open"),
        "TERM": "xterm-256color",
    }
