"""Kind `claude_code`: Anthropic's Claude Code, headless (measured on 2.1.330)."""

import json
from collections.abc import Mapping

from aiwebhook.domain.agent_kind import AgentKind, AgentTools
from aiwebhook_runner.adapters.claude_code_reader import ClaudeCodeReader
from aiwebhook_runner.adapters.cli_kinds import model_of, require_installed, require_model
from aiwebhook_runner.adapters.contract import Launch, cli_environment
from aiwebhook_runner.adapters.prompt import system_brief
from aiwebhook_runner.process.agent_process import LaunchSpec

TOOLS: Mapping[AgentTools, str] = {
    # Listed one by one: the default set has timers, messages to other sessions and workflows, and
    # grows with each version.
    AgentTools.ALL: "Agent,Bash,Edit,Glob,Grep,NotebookEdit,Read,TaskCreate,TaskGet,"
    "TaskList,TaskUpdate,ToolSearch,WebFetch,WebSearch,Write",
    AgentTools.RESEARCH: "Glob,Grep,Read,WebFetch,WebSearch",
}
MCP_FILE = ".claude/aiwebhook-mcp.json"
SETTINGS_FILE = ".claude/settings.json"


class ClaudeCodeAdapter:
    """Loads no setting, hook, plug-in or MCP server of the repository; only its CLAUDE.md."""

    state_paths: tuple[str, ...] = (".claude/projects",)
    hostile_paths: tuple[str, ...] = ()

    def launch(self, launch: Launch) -> LaunchSpec:
        """Raises AgentCannotStart without the CLI, or without access to Anthropic's API."""
        require_installed(launch, AgentKind.CLAUDE_CODE)
        access = require_model(launch, AgentKind.CLAUDE_CODE)
        workspace = launch.workspace
        files = {SETTINGS_FILE: "{}"}  # rewritten for each turn: the agent may have put hooks there
        if launch.run.agent.mcp_servers:
            files[MCP_FILE] = _mcp_settings(launch)
        return LaunchSpec(
            argv=_argv(launch),
            environment=cli_environment(
                launch,
                {
                    "ANTHROPIC_BASE_URL": access.base_url,
                    "ANTHROPIC_API_KEY": access.token,
                    # We are the sandbox; otherwise root may not skip the permission prompts.
                    "IS_SANDBOX": "1",
                    # No telemetry, updates or statistics: it calls nothing but the base URL.
                    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                    "DISABLE_AUTOUPDATER": "1",
                    # By default eleven tries, three minutes, even for a wrong key.
                    "CLAUDE_CODE_MAX_RETRIES": "3",
                    # A long answer that is not streamed needs minutes; a silent server hangs it.
                    "API_TIMEOUT_MS": "300000",
                    # Sub-agents in the background outlive the answer, and max_turns.
                    "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",
                    # Memories are kept by the session, not by the CLI.
                    "CLAUDE_CODE_DISABLE_AUTO_MEMORY": "1",
                    "CLAUDE_CODE_TMPDIR": str(workspace.tmp),
                    # With --add-dir: the repository's CLAUDE.md, and nothing else of it.
                    "CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD": "1",
                },
            ),
            cwd=workspace.work,
            stdin=launch.turn.prompt.encode(),
            files=files,
        )

    def reader(self) -> ClaudeCodeReader:
        """A reader of --output-format stream-json."""
        return ClaudeCodeReader()


def _argv(launch: Launch) -> tuple[str, ...]:
    manifest, turn, workspace = launch.run.agent, launch.turn, launch.workspace
    argv = ["claude", "-p", "--output-format", "stream-json", "--verbose"]
    argv += ["--model", model_of(AgentKind.CLAUDE_CODE, manifest.model)]
    argv += ["--dangerously-skip-permissions", "--tools", TOOLS[manifest.tools]]
    argv += ["--setting-sources", "user", "--strict-mcp-config", "--disable-slash-commands"]
    argv += ["--add-dir", str(workspace.work)]
    argv += ["--append-system-prompt", system_brief(manifest, schema_in_words=False)]
    argv += ["--resume", turn.resume] if turn.resume else ["--session-id", turn.session_id]
    if manifest.max_turns:
        argv += ["--max-turns", str(manifest.max_turns)]
    if manifest.output_schema:
        argv += ["--json-schema", json.dumps(manifest.output_schema)]
    if manifest.mcp_servers:
        argv += ["--mcp-config", str(workspace.home / MCP_FILE)]
    return tuple(argv)


def _mcp_settings(launch: Launch) -> str:
    servers = {
        name: {"type": "stdio", "command": server.command[0], "args": list(server.command[1:])}
        for name, server in launch.run.agent.mcp_servers.items()
    }
    return json.dumps({"mcpServers": servers})
