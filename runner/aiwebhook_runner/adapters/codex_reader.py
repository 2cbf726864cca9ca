"""What Codex prints with `exec --json` (measured on 0.169.0)."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters import cli_failure
from aiwebhook_runner.adapters.cli_failure import Cause, agent_error, cause_of, ended_without_result
from aiwebhook_runner.adapters.cli_json import (
    as_object,
    as_objects,
    as_text,
    count_or_zero,
    texts_in,
)
from aiwebhook_runner.adapters.contract import ProcessEnd
from aiwebhook_runner.adapters.one_line import call_summary, last_line, one_line
from aiwebhook_runner.jsons import JsonObject, decode_object
from aiwebhook_runner.output.cli_output import text_result
from aiwebhook_runner.output.messages import (
    AgentMessage,
    AgentText,
    FileChanged,
    LogLine,
    Progress,
    ReportedUsage,
    SessionStarted,
    Thinking,
    ToolCall,
    ToolResult,
)

NAME = "Codex"
CHANGES = {"add": "created", "update": "modified", "delete": "deleted"}
DONE = "completed"
_ADDRESS = re.compile(r", url: [^\s)]+")


def bare_command(command: str) -> str:
    """The command without the shell around it: `/bin/bash -lc 'make'` is `make`."""
    try:
        words = shlex.split(command)
    except ValueError:
        return command
    if len(words) == 3 and words[1] in {"-c", "-lc"} and words[0].endswith("sh"):
        return words[2]
    return command


class CodexReader:
    """Reads one process. Success is `turn.completed` and exit code 0; `error` events alone
    mean only retries.
    """

    def __init__(self) -> None:
        self._called: set[str] = set()
        self._completed = False
        self._failed = ""
        self._last_error = ""
        self._text = ""
        self._did_something = False

    def read(self, line: bytes) -> Iterable[AgentMessage]:
        """Raises NotJsonObject."""
        if not line.strip():
            return ()
        data = decode_object(line)
        handle = _HANDLERS.get(as_text(data.get("type")))
        return tuple(handle(self, data)) if handle else ()

    def finish(self, end: ProcessEnd) -> Iterable[AgentMessage]:
        """Success is a completed turn with text or actions, and exit code 0."""
        if self._failed or (self._last_error and not self._completed and end.exit_code > 0):
            reason = self._failed or self._last_error
            cause = cause_of(reason) or Cause(error_class=ErrorClass.MODEL)
            return (agent_error(cause, NAME, reason),)
        if not self._completed or end.exit_code:
            return ended_without_result(NAME, end)
        if not self._text and not self._did_something:
            return (agent_error(cli_failure.NO_RESULT, NAME, "it ended without an answer."),)
        return (text_result(self._text),)

    def thread_started(self, data: JsonObject) -> Iterator[AgentMessage]:
        """The conversation's id. Codex reports neither model nor version."""
        if thread_id := as_text(data.get("thread_id")):
            yield SessionStarted(session_id=thread_id)

    def turn_completed(self, data: JsonObject) -> Iterator[AgentMessage]:
        """The CLI's own success event. Its usage is that of the whole conversation."""
        self._completed = True
        self._failed = ""
        usage = as_object(data.get("usage"))
        yield ReportedUsage(
            values={
                "cli_input_tokens": count_or_zero(usage.get("input_tokens")),
                "cli_cached_input_tokens": count_or_zero(usage.get("cached_input_tokens")),
                "cli_output_tokens": count_or_zero(usage.get("output_tokens")),
            }
        )

    def turn_failed(self, data: JsonObject) -> Iterator[AgentMessage]:
        """Sent once, at the end."""
        self._completed = False
        reason = as_text(as_object(data.get("error")).get("message"))
        self._failed = reason or "the turn failed without a reason"
        yield from ()

    def error(self, data: JsonObject) -> Iterator[AgentMessage]:
        """A retry, or the reason that turn.failed repeats."""
        self._last_error = as_text(data.get("message"))
        if self._last_error.startswith("Reconnecting"):
            yield LogLine(message=_ADDRESS.sub("", one_line(self._last_error)))

    def item(self, data: JsonObject) -> Iterator[AgentMessage]:
        """Something the agent did, is doing, or said."""
        item = as_object(data.get("item"))
        ended = data.get("type") == "item.completed"
        match as_text(item.get("type")):
            case "agent_message" if ended and as_text(item.get("text")).strip():
                self._text = as_text(item.get("text"))
                yield AgentText(text=self._text)
            case "reasoning" if ended:
                yield Thinking()
            case "todo_list":
                yield from _plan(item)
            case "error" if ended:
                yield LogLine(message=one_line(as_text(item.get("message"))))
            case "command_execution" | "file_change" | "mcp_tool_call" | "web_search":
                yield from self._tool(item, ended=ended)
            case _:
                pass

    def _tool(self, item: JsonObject, *, ended: bool) -> Iterator[AgentMessage]:
        call_id = as_text(item.get("id"))
        if call_id not in self._called:
            self._called.add(call_id)
            self._did_something = True
            name, summary = _call(item)
            yield ToolCall(call_id=call_id, name=name, summary=one_line(summary))
        if not ended:
            return
        ok = item.get("status", DONE) == DONE and not item.get("exit_code")
        yield ToolResult(call_id=call_id, ok=ok, summary=_outcome(item))
        for change in as_objects(item.get("changes")) if ok else ():
            path, kind = as_text(change.get("path")), CHANGES.get(as_text(change.get("kind")))
            if path:
                yield FileChanged(path=path, change=kind or "modified")


_HANDLERS: Mapping[str, Callable[[CodexReader, JsonObject], Iterator[AgentMessage]]] = {
    "thread.started": CodexReader.thread_started,
    "turn.completed": CodexReader.turn_completed,
    "turn.failed": CodexReader.turn_failed,
    "error": CodexReader.error,
    "item.started": CodexReader.item,
    "item.completed": CodexReader.item,
}


def _call(item: JsonObject) -> tuple[str, str]:
    """The tool's name and its one-line summary."""
    match item.get("type"):
        case "command_execution":
            return "shell", bare_command(as_text(item.get("command")))
        case "file_change":
            paths = [as_text(change.get("path")) for change in as_objects(item.get("changes"))]
            return "apply_patch", ", ".join(paths)
        case "mcp_tool_call":
            name = f"{as_text(item.get('server'))}.{as_text(item.get('tool'))}"
            return name, call_summary(as_object(item.get("arguments")))
        case _:
            return "web_search", as_text(item.get("query"))


def _outcome(item: JsonObject) -> str:
    """The last line of what it printed, else how it ended."""
    error = as_text(as_object(item.get("error")).get("message"))
    printed = as_text(item.get("aggregated_output"))
    found = texts_in(as_object(item.get("result")).get("content"))
    return last_line(error or printed or found) or one_line(as_text(item.get("status")))


def _plan(item: JsonObject) -> Iterator[Progress]:
    steps = as_objects(item.get("items"))
    if steps:
        done = sum(step.get("completed") is True for step in steps)
        now = next((as_text(s.get("text")) for s in steps if s.get("completed") is not True), "")
        message = f"{done} of {len(steps)} steps done" + (f"; now: {now}" if now else "")
        yield Progress(message=one_line(message), percent=round(100 * done / len(steps)))
