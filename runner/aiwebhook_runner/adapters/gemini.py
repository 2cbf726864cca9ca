"""Kind `gemini`: Google's Gemini CLI, headless (measured on 0.61.0).

Two of its failures are called success by the CLI itself and look like one in its stream: an answer
cut off at the token limit, and one stopped by a safety filter. Only the LLM gateway sees how the
last answer ended (`last_stop`), so the runner asks it before it believes a Result of ours.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from aiwebhook.domain.agent import AgentKind, AgentTools
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters.cli_failure import (
    AUTH,
    MAX_TURNS,
    NO_CONVERSATION,
    NO_RESULT,
    Cause,
    agent_error,
    cause_of,
    ended_without_result,
)
from aiwebhook_runner.adapters.cli_json import as_object, as_text, count_or_zero
from aiwebhook_runner.adapters.cli_kinds import model_of, require_installed, require_model
from aiwebhook_runner.adapters.contract import Launch, ProcessEnd, cli_environment
from aiwebhook_runner.adapters.hostile import refuse_hostile
from aiwebhook_runner.adapters.one_line import call_summary, last_line, one_line
from aiwebhook_runner.adapters.prompt import system_brief
from aiwebhook_runner.jsons import JsonObject, decode_object
from aiwebhook_runner.output.cli_output import text_result
from aiwebhook_runner.output.messages import (
    AgentError,
    AgentMessage,
    AgentText,
    FileChanged,
    LogLine,
    ReportedUsage,
    SessionStarted,
    ToolCall,
    ToolResult,
)
from aiwebhook_runner.process.agent_process import LaunchSpec

NAME = "Gemini CLI"
ATTEMPTS = 3
"""Per request to the model; a retry waits for seconds, and the task itself may be retried."""
NOT_FROM_A_FILE = (
    *("GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA"),
    *("GOOGLE_VERTEX_BASE_URL", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"),
    *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "NODE_OPTIONS"),
    *("GEMINI_SYSTEM_MD", "GEMINI_SANDBOX"),
)
"""It sets unset variables from .gemini/.env of the nearest folder above the work tree: on a worker,
that is its owner's. These would redirect it or run something.
"""
RESEARCH_TOOLS = (
    "google_web_search",
    "web_fetch",
    "read_file",
    "read_many_files",
    "list_directory",
    "glob",
    "grep_search",
    "search_file_content",
)
WRITING_TOOLS = ("write_file", "replace")
NOTICES = ("Warning:", "YOLO mode", "Ripgrep is not available")
TOO_MANY_TURNS = 53
OWN_EXIT_CODES = {
    41: AUTH,
    42: NO_CONVERSATION,  # "input": only --resume can be wrong about ours
    52: Cause(error_class=ErrorClass.MODEL, retryable=False),  # our settings; an update broke them
    TOO_MANY_TURNS: MAX_TURNS,
}
_API_ERROR = re.compile(r"\[API Error: (.*)\](?: |\Z)", re.DOTALL)
_CODE = re.compile(r'"?(?:code|status)"?:\s*(\d{3})\b')


class GeminiAdapter:
    """Its home holds all of its settings; the repository's settings for the CLI are not read."""

    state_paths: tuple[str, ...] = (".gemini/tmp/work/chats",)
    """Stored by the name of the work folder, without the files that tie it to one path."""
    hostile_paths: tuple[str, ...] = (".gemini",)
    """Its .env is read whatever the settings say; agents and skills may be too."""

    def launch(self, launch: Launch) -> LaunchSpec:
        """One turn. Raises AgentCannotStart when the CLI or its key is missing."""
        kind, agent = AgentKind.GEMINI, launch.run.agent
        require_installed(launch, kind)
        access = require_model(launch, kind)
        refuse_hostile(NAME, launch.workspace.work, self.hostile_paths)
        turn = launch.turn
        conversation = (
            ("--session-id", turn.session_id) if turn.resume is None else ("--resume", turn.resume)
        )
        return LaunchSpec(
            # Without --skip-trust, an untrusted folder revokes --yolo and ends with code 55.
            argv=(
                "gemini",
                "-o",
                "stream-json",
                "-m",
                model_of(kind, agent.model),
                "--yolo",
                "--skip-trust",
                *conversation,
            ),
            environment=cli_environment(
                launch,
                {
                    "GEMINI_API_KEY": access.token,
                    "GOOGLE_GEMINI_BASE_URL": access.base_url,
                    # It would start itself again as a child, which would miss our signals.
                    "GEMINI_CLI_NO_RELAUNCH": "true",
                    **dict.fromkeys(NOT_FROM_A_FILE, ""),
                },
            ),
            cwd=launch.workspace.work,
            stdin=_as_prompt(turn.prompt).encode(),
            files={
                ".gemini/settings.json": json.dumps(_settings(launch)),
                ".gemini/GEMINI.md": system_brief(agent, schema_in_words=True),
            },
        )

    def reader(self) -> "GeminiReader":
        return GeminiReader()


def _as_prompt(text: str) -> str:
    """A slash at the start would be a command of the CLI."""
    return f"\n{text}" if text.startswith("/") else text


def _settings(launch: Launch) -> JsonObject:
    agent = launch.run.agent
    tools: JsonObject = {"core": list(RESEARCH_TOOLS)} if agent.tools is AgentTools.RESEARCH else {}
    return {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        # Otherwise .env of the work tree would set every variable that we leave unset.
        "advanced": {"ignoreLocalEnv": True},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
        "general": {
            "enableAutoUpdate": False,
            "enableAutoUpdateNotification": False,
            "maxAttempts": ATTEMPTS,
        },
        "model": {"maxSessionTurns": agent.max_turns or -1},
        "tools": tools,
        "mcpServers": {
            name: {"command": server.command[0], "args": list(server.command[1:]), "trust": True}
            for name, server in agent.mcp_servers.items()
        },
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    name: str
    path: str


class GeminiReader:
    """Reads `-o stream-json`. The text after the last tool is the answer."""

    def __init__(self) -> None:
        self._text = ""
        """The model's text since the last tool; empty once it was passed on."""
        self._answer = ""
        self._calls: dict[str, _Call] = {}
        self._result: JsonObject | None = None
        self._complaint = ""

    def read(self, line: bytes) -> Iterable[AgentMessage]:
        """Raises NotJsonObject."""
        if not line.strip():
            return
        event = decode_object(line)
        match event.get("type"):
            case "init":
                yield SessionStarted(
                    session_id=as_text(event.get("session_id")),
                    model=as_text(event.get("model")) or None,
                )
            case "message" if event.get("role") == "assistant":
                self._text += as_text(event.get("content"))
            case "tool_use":
                yield from self._flushed_text()
                yield self._called(event)
            case "tool_result":
                yield from self._answered(event)
            case "error":
                # It continues after most of these; an error that ends it comes again as the result.
                self._complaint = as_text(event.get("message"))
                yield LogLine(message=one_line(self._complaint))
            case "result":
                self._result = event
                self._answer = self._text
                yield from self._flushed_text()
                yield from _usage(as_object(event.get("stats")))
            case _:
                pass

    def finish(self, end: ProcessEnd) -> Iterable[AgentMessage]:
        """Success is the CLI's own report, exit code 0 and an answer, together."""
        result = self._result
        if result is None:
            end = replace(end, stderr_tail=_without_notices(end.stderr_tail))
            cause = _cause_of_exit(end.exit_code)
            if cause is None:
                yield from ended_without_result(NAME, end)
            else:
                yield agent_error(cause, NAME, last_line(end.stderr_tail))
        elif end.exit_code == 0 and result.get("status") == "success":
            if self._answer.strip():
                yield text_result(self._answer)
            else:
                yield agent_error(NO_RESULT, NAME, self._complaint or "it ended without an answer.")
        else:
            message = as_text(as_object(result.get("error")).get("message")) or self._complaint
            yield _failed(message or last_line(end.stderr_tail), end.exit_code)

    def _flushed_text(self) -> Iterable[AgentText]:
        text, self._text = self._text, ""
        if text.strip():
            yield AgentText(text=text.strip())

    def _called(self, event: JsonObject) -> ToolCall:
        call_id, name = as_text(event.get("tool_id")), as_text(event.get("tool_name"))
        parameters = as_object(event.get("parameters"))
        self._calls[call_id] = _Call(name=name, path=as_text(parameters.get("file_path")))
        return ToolCall(call_id=call_id, name=name, summary=call_summary(parameters))

    def _answered(self, event: JsonObject) -> Iterable[AgentMessage]:
        call_id, ok = as_text(event.get("tool_id")), event.get("status") == "success"
        problem = as_text(as_object(event.get("error")).get("message"))
        summary = problem or last_line(as_text(event.get("output")))
        yield ToolResult(call_id=call_id, ok=ok, summary=one_line(summary))
        call = self._calls.pop(call_id, None)
        if ok and call is not None and call.path and call.name in WRITING_TOOLS:
            # It does not say whether the file existed before.
            yield FileChanged(path=call.path, change="modified")


def _without_notices(errors: str) -> str:
    """It prints these at every start; none of them is a reason."""
    lines = errors.splitlines()
    return "\n".join(line for line in lines if not line.startswith(NOTICES))


def _usage(stats: JsonObject) -> Iterable[ReportedUsage]:
    """Usage of this process alone; `input_tokens` includes cached ones."""
    taken, total = (
        count_or_zero(stats.get("input_tokens")),
        count_or_zero(stats.get("total_tokens")),
    )
    if total:
        # output_tokens leaves out thinking; the total does not.
        written = max(count_or_zero(stats.get("output_tokens")), total - taken)
        yield ReportedUsage(
            values={
                "cli_input_tokens": taken,
                "cli_cached_input_tokens": count_or_zero(stats.get("cached")),
                "cli_output_tokens": written,
            }
        )


def _http_status(exit_code: int) -> int:
    """A failed request ends the CLI with its status, of which the system keeps eight bits."""
    status = exit_code + 256
    return status if 400 <= status < 512 else 0


def _cause_of_exit(exit_code: int) -> Cause | None:
    known = OWN_EXIT_CODES.get(exit_code)
    status = _http_status(exit_code)
    return known or (cause_of("", status) if status else None)


def _failed(message: str, exit_code: int) -> AgentError:
    """The provider's message is in the CLI's text, with advice for a person at the terminal."""
    wrapped = _API_ERROR.match(message)
    detail = wrapped[1] if wrapped else message
    code = _CODE.search(detail)
    status = int(code[1]) if code else _http_status(exit_code)
    cause = OWN_EXIT_CODES.get(exit_code) or cause_of(detail, status)
    return agent_error(cause or Cause(error_class=ErrorClass.MODEL), NAME, detail)
