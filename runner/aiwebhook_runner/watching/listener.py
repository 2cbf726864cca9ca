"""Reads the output of one agent process: lines become messages, which go to
transcript and events.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from aiwebhook_runner.adapters import OutputReader, ProcessEnd
from aiwebhook_runner.jsons import NotJsonObject
from aiwebhook_runner.lease.inbox import RunInbox, StopRequested
from aiwebhook_runner.lease.reporter import EventReporter
from aiwebhook_runner.output.events import EventOf, redacted
from aiwebhook_runner.output.messages import AgentMessage, FileChanged, ToolCall, ToolResult
from aiwebhook_runner.output.outcome import StopReason
from aiwebhook_runner.output.protocol import (
    MAX_LINE_BYTES,
    BrokenRule,
    LineSplitter,
    OutputTooLarge,
)
from aiwebhook_runner.output.redaction import Redactor
from aiwebhook_runner.output.transcript import Transcript


def _ignore(_value: object) -> None: ...


def _seen_from(work: str, message: AgentMessage) -> AgentMessage:
    """With paths as people know them: CLIs report absolute paths in our work folder."""
    match message:
        case FileChanged(path=path):
            return replace(message, path=path.removeprefix(work))
        case ToolCall(summary=summary) | ToolResult(summary=summary):
            return replace(message, summary=summary.replace(work, ""))
        case _:
            return message


class OutputListener:
    """Turns pieces of stdout into the transcript and into events. Called from one thread."""

    def __init__(  # noqa: PLR0913 - reason: who receives what, by keyword
        self,
        reader: OutputReader,
        reporter: EventReporter,
        inbox: RunInbox,
        *,
        redact: Redactor,
        event_of: EventOf,
        work: Path,
        on_bytes: Callable[[bytes], None] = _ignore,
        on_message: Callable[[AgentMessage], None] = _ignore,
    ) -> None:
        self.transcript = Transcript()
        self._reader = reader
        self._reporter = reporter
        self._inbox = inbox
        self._redact = redact
        self._event_of = event_of
        self._work = f"{work}/"
        self._on_bytes = on_bytes
        self._on_message = on_message
        self._splitter = LineSplitter()
        self._stopped = False

    def feed(self, data: bytes) -> None:
        """After a broken limit everything is discarded, but read, so that no pipe blocks."""
        if self._stopped:
            return
        self._on_bytes(data)
        try:
            for line in self._splitter.feed(data):
                self._read_line(line)
        except OutputTooLarge as exc:
            self._stopped = True
            self._inbox.put(StopRequested(reason=StopReason.BAD_OUTPUT, detail=str(exc)))

    def finish(self) -> None:
        """The pipe is closed; the last line may lack its end."""
        if not self._stopped:
            for line in self._splitter.finish():
                self._read_line(line)
        if self._splitter.left_out:
            count = self._splitter.left_out
            self.transcript.notes.add("", f"Lines of more than {MAX_LINE_BYTES} bytes: {count}.")

    def close(self, end: ProcessEnd) -> None:
        """The process has ended; what the reader concludes from that counts like a line."""
        for message in self._reader.finish(end):
            self._take(message)

    def _read_line(self, line: bytes) -> None:
        try:
            messages = tuple(self._reader.read(line))
        except NotJsonObject:
            self.transcript.add_unreadable()
        except BrokenRule as exc:
            self.transcript.notes.add("", f"A message was left out: {exc}.")
        except (LookupError, TypeError, ValueError, AttributeError):
            # A future CLI may print something in a form that its reader did not foresee. If this
            # thread ended, nobody would read the pipe and the agent would hang.
            self.transcript.add_unreadable()
        else:
            for message in messages:
                self._take(message)

    def _take(self, message: AgentMessage) -> None:
        message = _seen_from(self._work, message)
        self.transcript.add(message)
        self._on_message(message)
        event = self._event_of(message)
        if event is not None:
            data = redacted(event.data, self._redact)
            self._reporter.report(event.type, data)
