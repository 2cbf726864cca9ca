"""Kind `opencode`: any provider's model, headless (measured on 1.18.18).

opencode imports JavaScript that a repository names (`.opencode/plugin/*.js`, `plugin` in
opencode.json) when it starts: its switches for that (--pure, OPENCODE_DISABLE_PROJECT_CONFIG) reach
only the older of its two loaders. So none of these files may lie in the work tree: whoever prepares
it leaves out `hostile_paths`, and `launch` refuses to start beside one.
"""

import json
from collections.abc import Iterable

from aiwebhook.domain.agent import AgentKind, AgentTools
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters.cli_failure import (
    CONTEXT,
    NETWORK,
    NO_RESULT,
    REFUSED,
    TRUNCATED,
    Cause,
    agent_error,
    cause_of,
    ended_without_result,
)
from aiwebhook_runner.adapters.cli_json import as_number, as_object, as_text, count_or_zero
from aiwebhook_runner.adapters.cli_kinds import model_of, require_installed, require_model
from aiwebhook_runner.adapters.contract import Launch, ModelAccess, ProcessEnd, cli_environment
from aiwebhook_runner.adapters.hostile import refuse_hostile
from aiwebhook_runner.adapters.one_line import call_summary, last_line
from aiwebhook_runner.adapters.prompt import system_brief
from aiwebhook_runner.jsons import JsonObject, decode_object
from aiwebhook_runner.output.cli_output import text_result
from aiwebhook_runner.output.messages import (
    AgentMessage,
    AgentText,
    FileChanged,
    ReportedUsage,
    SessionStarted,
    ToolCall,
    ToolResult,
)
from aiwebhook_runner.process.agent_process import LaunchSpec

NAME = "opencode"
API_VERSION = {"anthropic": "v1", "openai": "v1", "google": "v1beta"}
"""What opencode's own clients expect at the end of a base URL."""
PLUGIN_PACKAGE = "@opencode-ai/plugin"
RESEARCH_PERMISSION = {
    "*": "deny",
    "read": "allow",
    "glob": "allow",
    "grep": "allow",
    "list": "allow",
    "webfetch": "allow",
    "websearch": "allow",
}
WRITING_TOOLS = {"write": "created", "edit": "modified"}
CONFIG = ".config/opencode"


class OpencodeAdapter:
    """All settings come from variables and from a home of our making."""

    state_paths: tuple[str, ...] = ()
    """Its conversations are tied to the path of the work folder, which differs
    in a later attempt.
    """
    hostile_paths: tuple[str, ...] = (".opencode", "opencode.json", "opencode.jsonc")
    """Of the work tree: opencode executes what they say."""

    def launch(self, launch: Launch) -> LaunchSpec:
        """One turn. Raises AgentCannotStart without CLI or key, or when a hostile path is there."""
        kind, agent, turn = AgentKind.OPENCODE, launch.run.agent, launch.turn
        require_installed(launch, kind)
        access = require_model(launch, kind)
        refuse_hostile(NAME, launch.workspace.work, self.hostile_paths)
        model = model_of(kind, agent.model)
        conversation = ("--session", turn.resume) if turn.resume is not None else ()
        return LaunchSpec(
            # A title would cost a request to the model.
            argv=(
                "opencode",
                "run",
                "--format",
                "json",
                "-m",
                model,
                "--auto",
                "--pure",
                "--title",
                "task",
                *conversation,
            ),
            environment=cli_environment(launch, _environment(launch, access, model)),
            cwd=launch.workspace.work,
            stdin=turn.prompt.encode(),
            files={
                f"{CONFIG}/brief.md": system_brief(agent, schema_in_words=True),
                **_NOTHING_TO_INSTALL,
            },
        )

    def reader(self) -> "OpencodeReader":
        return OpencodeReader()


_NOTHING_TO_INSTALL = {
    # It fetches this package from npm for plugins that we do not allow, unless both of these exist.
    # Only their existence is checked.
    f"{CONFIG}/node_modules/.keep": "",
    f"{CONFIG}/package-lock.json": json.dumps(
        {"packages": {"": {"dependencies": {PLUGIN_PACKAGE: "*"}}}}
    ),
}


def _environment(launch: Launch, access: ModelAccess, model: str) -> dict[str, str]:
    home = launch.workspace.home
    return {
        "OPENCODE_CONFIG_CONTENT": json.dumps(_config(launch, access, model)),
        "OPENCODE_DISABLE_AUTOUPDATE": "1",
        "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1",
        "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
        "OPENCODE_DISABLE_MODELS_FETCH": "1",
        "OPENCODE_DISABLE_PROJECT_CONFIG": "1",
        "OPENCODE_DISABLE_SHARE": "1",
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
    }


def _config(launch: Launch, access: ModelAccess, model: str) -> JsonObject:
    agent = launch.run.agent
    provider, _, name = model.partition("/")
    return {
        "autoupdate": False,
        "share": "disabled",
        "snapshot": False,
        "lsp": False,
        "formatter": False,
        "permission": RESEARCH_PERMISSION if agent.tools is AgentTools.RESEARCH else "allow",
        "enabled_providers": [provider],
        # It would use another model of the provider to name conversations.
        "small_model": model,
        "provider": {
            provider: {
                "options": {
                    "baseURL": f"{access.base_url}/{API_VERSION[provider]}",
                    "apiKey": access.token,
                },
                "models": {name: {}},
            }
        },
        "mcp": {
            server: {"type": "local", "command": list(run.command), "enabled": True}
            for server, run in agent.mcp_servers.items()
        },
        # The repository's AGENTS.md is dropped with its other settings unless it is named here.
        "instructions": [
            str(launch.workspace.home / CONFIG / "brief.md"),
            str(launch.workspace.work / "AGENTS.md"),
        ],
    }


class OpencodeReader:
    """Reads `run --format json`. The last text is the answer."""

    def __init__(self) -> None:
        self._session = ""
        self._text = ""
        self._last_stop = ""
        self._error: JsonObject | None = None
        self._taken = self._cached = self._cache_writes = self._written = 0
        self._cost = 0.0

    def read(self, line: bytes) -> Iterable[AgentMessage]:
        """Raises NotJsonObject."""
        if not line.strip():
            return
        event = decode_object(line)
        session = as_text(event.get("sessionID"))
        if session and not self._session:
            self._session = session
            yield SessionStarted(session_id=session)
        part = as_object(event.get("part"))
        match event.get("type"):
            case "text":
                self._text = as_text(part.get("text"))
                yield AgentText(text=self._text.strip())
            case "tool_use":
                self._text = ""
                yield from _tool(part)
            case "step_finish":
                self._last_stop = as_text(part.get("reason"))
                yield self._step(part)
            case "error":
                self._error = as_object(event.get("error"))
            case _:
                pass

    def finish(self, end: ProcessEnd) -> Iterable[AgentMessage]:
        """Success is a last step that stopped by itself, no error, exit code 0 and an answer."""
        if self._last_stop == "content-filter":
            # It reports that as an error afterwards.
            yield agent_error(REFUSED, NAME, "the provider's filter stopped the model's answer.")
        elif self._error is not None:
            yield _failed(self._error)
        elif end.exit_code != 0 or not self._last_stop:
            yield from ended_without_result(NAME, end)
        elif self._last_stop == "length":
            yield agent_error(TRUNCATED, NAME, "the model's answer was cut off at its token limit.")
        elif self._last_stop != "stop" or not self._text.strip():
            how = f"it ended without an answer; the last step ended with {self._last_stop!r}."
            yield agent_error(NO_RESULT, NAME, how)
        else:
            yield text_result(self._text)

    def _step(self, part: JsonObject) -> ReportedUsage:
        tokens = as_object(part.get("tokens"))
        cache = as_object(tokens.get("cache"))
        read, write = count_or_zero(cache.get("read")), count_or_zero(cache.get("write"))
        self._taken += count_or_zero(tokens.get("input")) + read + write
        self._cached += read
        self._cache_writes += write
        self._written += count_or_zero(tokens.get("output")) + count_or_zero(
            tokens.get("reasoning")
        )
        self._cost += as_number(part.get("cost"))
        return ReportedUsage(
            values={
                "cli_input_tokens": self._taken,
                "cli_cached_input_tokens": self._cached,
                "cli_cache_write_tokens": self._cache_writes,
                "cli_output_tokens": self._written,
                "cli_cost_usd": round(self._cost, 6),
            }
        )


def _tool(part: JsonObject) -> Iterable[AgentMessage]:
    """The CLI reports a call when it is over, so call and result come together."""
    call_id, name = as_text(part.get("callID")), as_text(part.get("tool"))
    state = as_object(part.get("state"))
    arguments = as_object(state.get("input"))
    yield ToolCall(call_id=call_id, name=name, summary=call_summary(arguments))
    ok = state.get("status") == "completed"
    text = as_text(state.get("output")) if ok else as_text(state.get("error"))
    yield ToolResult(call_id=call_id, ok=ok, summary=last_line(text))
    path = as_text(arguments.get("filePath"))
    if ok and path and name in WRITING_TOOLS:
        existed = as_object(state.get("metadata")).get("exists") is True
        yield FileChanged(path=path, change="modified" if existed else WRITING_TOOLS[name])


def _failed(error: JsonObject) -> AgentMessage:
    data, name = as_object(error.get("data")), as_text(error.get("name"))
    message = as_text(data.get("message")) or name
    if name == "ContextOverflowError":
        return agent_error(CONTEXT, NAME, message)
    status = count_or_zero(data.get("statusCode"))
    cause = cause_of(f"{message} {name}", status)
    if cause is None and not status and data.get("isRetryable") is True:
        cause = NETWORK  # worth another try: no server answered
    return agent_error(cause or Cause(error_class=ErrorClass.MODEL), NAME, message)
