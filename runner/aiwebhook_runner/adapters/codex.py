"""Kind `codex`: OpenAI's Codex, headless (measured on 0.169.0)."""

import json
from collections.abc import Mapping
from typing import cast

from aiwebhook.domain.agent_kind import AgentKind, AgentTools
from aiwebhook_runner.adapters.cli_kinds import model_of, require_installed, require_model
from aiwebhook_runner.adapters.codex_reader import CodexReader
from aiwebhook_runner.adapters.contract import Launch, cli_environment
from aiwebhook_runner.adapters.prompt import system_brief
from aiwebhook_runner.adapters.strict_schema import as_strict
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.process.agent_process import LaunchSpec

TOKEN_VARIABLE = "MODEL_TOKEN"  # noqa: S105 - a name, not a token
CODEX_HOME = ".codex"
CONFIG_FILE = f"{CODEX_HOME}/config.toml"
SCHEMA_FILE = f"{CODEX_HOME}/output-schema.json"
SWITCHED_OFF = (
    "plugins",  # they come from the network
    "apps",
    "unbounded_connection_retries",  # waits for ever for an endpoint that is missing
    "goals",
)
NOT_FOR_RESEARCH = ("shell_tool", "unified_exec", "view_image")


class CodexAdapter:
    """Reads nothing of the repository but AGENTS.md, because it is never marked as trusted."""

    state_paths: tuple[str, ...] = (f"{CODEX_HOME}/sessions",)
    hostile_paths: tuple[str, ...] = ()

    def launch(self, launch: Launch) -> LaunchSpec:
        """Raises AgentCannotStart without the CLI, or without access to OpenAI's API."""
        require_installed(launch, AgentKind.CODEX)
        access = require_model(launch, AgentKind.CODEX)
        workspace = launch.workspace
        # Rewritten for each turn: the agent may have put servers and hooks there.
        files = {CONFIG_FILE: ""}
        schema = as_strict(launch.run.agent.output_schema)
        if schema is not None:
            files[SCHEMA_FILE] = json.dumps(schema)
        return LaunchSpec(
            argv=_argv(launch, base_url=access.base_url, schema=schema),
            environment=cli_environment(
                launch,
                {TOKEN_VARIABLE: access.token, "CODEX_HOME": str(workspace.home / CODEX_HOME)},
            ),
            cwd=workspace.work,
            stdin=launch.turn.prompt.encode(),
            files=files,
        )

    def reader(self) -> CodexReader:
        return CodexReader()


def _argv(launch: Launch, *, base_url: str, schema: JsonObject | None) -> tuple[str, ...]:
    manifest, turn = launch.run.agent, launch.turn
    research = manifest.tools is AgentTools.RESEARCH
    argv = ["codex", "exec"]
    # Its own sandbox makes .git read-only and needs user namespaces, which Fargate lacks; ours is
    # the container. For research it refuses patches, the only writes left.
    argv += (
        ["--sandbox", "read-only"] if research else ["--dangerously-bypass-approvals-and-sandbox"]
    )
    argv += ["resume", turn.resume] if turn.resume else []
    argv += [
        "--json",
        "--skip-git-repo-check",
        "--model",
        model_of(AgentKind.CODEX, manifest.model),
    ]
    for feature in (*SWITCHED_OFF, *(NOT_FOR_RESEARCH if research else ())):
        argv += ["--disable", feature]
    for name, value in _settings(launch, base_url=base_url, schema=schema).items():
        argv += ["-c", f"{name}={as_toml(value)}"]
    if schema is not None:
        argv += ["--output-schema", str(launch.workspace.home / SCHEMA_FILE)]
    return (*argv, "-")


def _settings(launch: Launch, *, base_url: str, schema: JsonObject | None) -> Mapping[str, object]:
    manifest = launch.run.agent
    settings: dict[str, object] = {
        "analytics.enabled": False,
        # Sub-agents' work is not reported: it would look like silence.
        "agents.enabled": False,
        "check_for_update_on_startup": False,
        "otel.metrics_exporter": "none",
        "web_search": "live",
        # A provider of our own: the built-in one ignores OPENAI_BASE_URL and tries a WebSocket.
        "model_provider": "aiwebhook",
        "model_providers.aiwebhook": {
            "name": "AI Webhook",
            "base_url": f"{base_url}/v1",
            "env_key": TOKEN_VARIABLE,
            "wire_api": "responses",
            "request_max_retries": 3,
            "stream_max_retries": 3,
        },
        "shell_environment_policy.exclude": [TOKEN_VARIABLE],
        "developer_instructions": system_brief(manifest, schema_in_words=schema is None),
    }
    if manifest.mcp_servers:
        settings["mcp_servers"] = {
            name: {
                "command": server.command[0],
                "args": list(server.command[1:]),
                "required": True,
                # Only a manifest names servers; in the read-only sandbox they would be refused.
                "default_tools_approval_mode": "approve",
            }
            for name, server in manifest.mcp_servers.items()
        }
    return settings


def as_toml(value: object) -> str:
    """Inline TOML. Strings, numbers and arrays are written as in JSON; tables are not."""
    if isinstance(value, dict):
        pairs = cast("JsonObject", value).items()
        return "{" + ",".join(f"{as_toml(name)}={as_toml(inner)}" for name, inner in pairs) + "}"
    # JSON escapes characters beyond the BMP as two surrogates, which TOML rejects.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
