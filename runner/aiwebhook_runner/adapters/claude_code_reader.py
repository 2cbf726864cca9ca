"""What Claude Code prints with --output-format stream-json (measured on 2.1.330)."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters import cli_failure
from aiwebhook_runner.adapters.cli_failure import Cause, agent_error, cause_of, ended_without_result
from aiwebhook_runner.adapters.cli_json import (
    as_number,
    as_object,
    as_objects,
    as_text,
    as_texts,
    count_or_zero,
    texts_in,
)
from aiwebhook_runner.adapters.contract import ProcessEnd
from aiwebhook_runner.adapters.one_line import call_summary, last_line, one_line
from aiwebhook_runner.jsons import JsonObject, decode_object, encode
from aiwebhook_runner.output.cli_output import text_result
from aiwebhook_runner.output.messages import (
    AgentError,
    AgentMessage,
    AgentResult,
    AgentText,
    FileChanged,
    LogLine,
    ReportedUsage,
    SessionStarted,
    Thinking,
    ToolCall,
    ToolResult,
)

NAME = "Claude Code"
SYNTHETIC = "<synthetic>"
"""The model name of messages that the CLI makes up itself, such as API errors."""
WRITES = {"Edit": "file_path", "MultiEdit": "file_path", "Write": "file_path"} | {
    "NotebookEdit": "notebook_path"
}
_BY_SUBTYPE: Mapping[str, Cause] = {
    "error_max_turns": cli_failure.MAX_TURNS,
    "error_max_budget_usd": cli_failure.BUDGET,
    "error_max_structured_output_retries": cli_failure.BAD_OUTPUT,
}
_BY_TERMINAL_REASON: Mapping[str, Cause] = {
    "prompt_too_long": cli_failure.CONTEXT,
    "aborted_tools": cli_failure.KILLED,
    "aborted_streaming": cli_failure.KILLED,
}


class ClaudeCodeReader:
    """Reads one process. Exit code 0 and `subtype: success` both occur with failures, so the last
    result event's `is_error` and the exit code decide together.
    """

    def __init__(self) -> None:
        self._written: dict[str, tuple[str, str]] = {}
        self._session_id = ""
        self._result: JsonObject | None = None
        self._last_text = ""

    def read(self, line: bytes) -> Iterable[AgentMessage]:
        """Raises NotJsonObject."""
        if not line.strip():
            return ()
        data = decode_object(line)
        handle = _HANDLERS.get(as_text(data.get("type")))
        return tuple(handle(self, data)) if handle else ()

    def finish(self, end: ProcessEnd) -> Iterable[AgentMessage]:
        """Success is a last result event without an error, and exit code 0."""
        result = self._result
        if result is None:
            return ended_without_result(NAME, end)
        if result.get("is_error") is not False or end.exit_code:
            return (_error(result, end),)
        return (self._answer(result),)

    def system(self, data: JsonObject) -> Iterator[AgentMessage]:
        """The start, a retried request, a refused permission; other subtypes are ignored."""
        match data.get("subtype"):
            case "init":
                yield from self._started(data)
            case "api_retry":
                status = count_or_zero(data.get("error_status"))
                why = f"answered {status}" if status else "could not be reached"
                attempt = count_or_zero(data.get("attempt"))
                most = count_or_zero(data.get("max_retries"))
                yield LogLine(message=f"The provider {why}; retry {attempt} of {most}.")
            case "permission_denied":
                tool = as_text(data.get("tool_name")) or "a tool"
                yield LogLine(message=f"{NAME} was denied the use of {tool}.")
            case _:
                pass

    def _started(self, data: JsonObject) -> Iterator[AgentMessage]:
        session_id = as_text(data.get("session_id"))
        if session_id and session_id != self._session_id:
            self._session_id = session_id
            yield SessionStarted(
                session_id=session_id,
                model=as_text(data.get("model")) or None,
                version=as_text(data.get("claude_code_version")) or None,
            )
        for server in as_objects(data.get("mcp_servers")):
            if server.get("status") not in {"connected", "pending"}:
                name = one_line(as_text(server.get("name")))
                yield LogLine(message=f"MCP server {name} is not connected.")

    def assistant(self, data: JsonObject) -> Iterator[AgentMessage]:
        """A piece of the model's answer: thinking, text, a tool call. Those of
        sub-agents are ignored.
        """
        message = as_object(data.get("message"))
        if message.get("model") == SYNTHETIC:
            return
        of_main = data.get("parent_tool_use_id") is None
        for block in as_objects(message.get("content")):
            match block.get("type"):
                case "thinking" | "redacted_thinking":
                    yield Thinking()
                case "text" if of_main and as_text(block.get("text")).strip():
                    self._last_text = as_text(block.get("text"))
                    yield AgentText(text=self._last_text)
                case "tool_use" | "server_tool_use":
                    yield self._call(block)
                case _:
                    pass

    def _call(self, block: JsonObject) -> ToolCall:
        call_id, name = as_text(block.get("id")), as_text(block.get("name"))
        arguments = as_object(block.get("input"))
        if path := as_text(arguments.get(WRITES.get(name, ""))):
            self._written[call_id] = (name, path)
        return ToolCall(call_id=call_id, name=name, summary=call_summary(arguments))

    def user(self, data: JsonObject) -> Iterator[AgentMessage]:
        """Results of tool calls."""
        detail = as_object(data.get("tool_use_result"))
        for block in as_objects(as_object(data.get("message")).get("content")):
            if block.get("type") != "tool_result":
                continue
            call_id, ok = as_text(block.get("tool_use_id")), block.get("is_error") is not True
            summary = last_line(texts_in(block.get("content")))
            yield ToolResult(call_id=call_id, ok=ok, summary=summary)
            _, path = self._written.pop(call_id, ("", ""))
            if ok and path:
                change = "created" if detail.get("type") == "create" else "modified"
                yield FileChanged(path=path, change=change)

    def result(self, data: JsonObject) -> Iterator[AgentMessage]:
        """There may be several; the last one counts, and its usage covers all."""
        self._result = data
        if usage := _usage(data):
            yield usage

    def _answer(self, result: JsonObject) -> AgentResult | AgentError:
        structured = as_object(result.get("structured_output"))
        text = encode(structured).decode() if structured else as_text(result.get("result"))
        text = text or self._last_text
        if not text and not count_or_zero(result.get("num_turns")):
            return agent_error(cli_failure.NO_RESULT, NAME, "it ended without an answer.")
        return text_result(text)


_HANDLERS: Mapping[str, Callable[[ClaudeCodeReader, JsonObject], Iterator[AgentMessage]]] = {
    "system": ClaudeCodeReader.system,
    "assistant": ClaudeCodeReader.assistant,
    "user": ClaudeCodeReader.user,
    "result": ClaudeCodeReader.result,
}


def _error(result: JsonObject, end: ProcessEnd) -> AgentError:
    reason = as_text(result.get("result")) or "; ".join(as_texts(result.get("errors")))
    cause = (
        _BY_SUBTYPE.get(as_text(result.get("subtype")))
        or _BY_TERMINAL_REASON.get(as_text(result.get("terminal_reason")))
        or (cli_failure.REFUSED if result.get("stop_reason") == "refusal" else None)
        or cause_of(reason, count_or_zero(result.get("api_error_status")))
        or Cause(error_class=ErrorClass.MODEL)
    )
    if cause is cli_failure.KILLED:
        reason = "it was interrupted."
    return agent_error(cause, NAME, reason or f"it ended with exit code {end.exit_code}.")


def _usage(result: JsonObject) -> ReportedUsage | None:
    """Usage of the whole conversation, resumed ones included. The `usage` field
    leaves out sub-agents.
    """
    models = [as_object(usage) for usage in as_object(result.get("modelUsage")).values()]
    if not models:
        return None
    cached = sum(count_or_zero(model.get("cacheReadInputTokens")) for model in models)
    written = sum(count_or_zero(model.get("cacheCreationInputTokens")) for model in models)
    fresh = sum(count_or_zero(model.get("inputTokens")) for model in models)
    return ReportedUsage(
        values={
            "cli_input_tokens": fresh + cached + written,
            "cli_cached_input_tokens": cached,
            "cli_output_tokens": sum(count_or_zero(model.get("outputTokens")) for model in models),
            "cli_cost_usd": as_number(result.get("total_cost_usd")),
        }
    )
