"""Listens to one agent process until it is gone, and decides when it has to go."""

import time
from collections.abc import Callable
from queue import Empty

from aiwebhook_runner.adapters import Adapter, ProcessEnd
from aiwebhook_runner.facts import AgentExited, Inbox, StopAsked
from aiwebhook_runner.jsons import JsonObject, NotJsonObject
from aiwebhook_runner.messages import AgentMessage, LogLine, Progress
from aiwebhook_runner.outcome import StopReason
from aiwebhook_runner.process import AgentProcess
from aiwebhook_runner.protocol import BrokenRule, LineSplitter, OutputTooLarge
from aiwebhook_runner.redaction import Redactor
from aiwebhook_runner.reporter import EventReporter
from aiwebhook_runner.transcript import Transcript

AT_ONCE = frozenset({StopReason.LEASE_LOST, StopReason.BAD_OUTPUT, StopReason.API_SILENT})
"""No grace: another attempt may already be at work, or the agent floods us."""


class OutputListener:
    """Turns pieces of stdout into the transcript and into events. Called from one thread."""

    def __init__(
        self, adapter: Adapter, reporter: EventReporter, inbox: Inbox, redact: Redactor
    ) -> None:
        self.transcript = Transcript()
        self.last_progress: JsonObject | None = None
        self._reader = adapter.reader()
        self._reporter = reporter
        self._inbox = inbox
        self._redact = redact
        self._splitter = LineSplitter()
        self._stopped = False

    def feed(self, data: bytes) -> None:
        """Everything after a broken limit is thrown away, but read, so that no pipe blocks."""
        if self._stopped:
            return
        try:
            for line in self._splitter.feed(data):
                self._hear(line)
        except OutputTooLarge as exc:
            self._stopped = True
            self._inbox.put(StopAsked(reason=StopReason.BAD_OUTPUT, detail=str(exc)))

    def finish(self) -> None:
        """The pipe is closed; the last line may lack its end."""
        if not self._stopped:
            for line in self._splitter.finish():
                self._hear(line)

    def close(self, end: ProcessEnd) -> None:
        """The process is gone; what the reader concludes from that counts like a line."""
        for message in self._reader.finish(end):
            self._take(message)

    def _hear(self, line: bytes) -> None:
        try:
            messages = tuple(self._reader.read(line))
        except NotJsonObject:
            self.transcript.add_unreadable()
        except BrokenRule as exc:
            self.transcript.add_violation(f"The agent broke the protocol: {exc}.")
        else:
            for message in messages:
                self._take(message)

    def _take(self, message: AgentMessage) -> None:
        self.transcript.add(message)
        self._report(message)

    def _report(self, message: AgentMessage) -> None:
        match message:
            case Progress(message=text, percent=percent):
                self.last_progress = {"message": self._redact(text), "percent": percent}
                self._reporter.report("progress", self.last_progress)
            case LogLine(message=text):
                self._reporter.report("log", {"message": self._redact(text)})
            case _:
                pass


class AgentWatch:
    """The main thread's loop over the inbox. The first reason to stop stays the reason, except
    that a lost lease and a silent API outdo all others: then nothing may be recorded."""

    def __init__(
        self,
        process: AgentProcess,
        inbox: Inbox,
        *,
        timeout_s: float,
        kill_grace_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._process = process
        self._inbox = inbox
        self._kill_grace_s = kill_grace_s
        self._now = now
        self._timeout_at = now() + timeout_s
        self._kill_at: float | None = None
        self.stopped: StopAsked | None = None

    def until_gone(self) -> int:
        """Returns the exit code; why it was stopped, if it was, stands in `stopped`."""
        while True:
            fact = self._next_fact()
            match fact:
                case AgentExited(exit_code=exit_code):
                    return exit_code
                case StopAsked():
                    self._stop(fact)
                case None:
                    self._time_is_up()

    def _next_fact(self) -> AgentExited | StopAsked | None:
        if self.stopped is None:
            wake_at: float | None = self._timeout_at
        else:
            wake_at = self._kill_at
        try:
            return self._inbox.get(
                timeout=None if wake_at is None else max(wake_at - self._now(), 0)
            )
        except Empty:
            return None

    def _stop(self, asked: StopAsked) -> None:
        at_once = asked.reason in AT_ONCE
        if self.stopped is None or (at_once and self.stopped.reason not in AT_ONCE):
            self.stopped = asked
            if at_once:
                self._kill()
            else:
                self._process.terminate()
                self._kill_at = self._now() + self._kill_grace_s

    def _time_is_up(self) -> None:
        if self.stopped is None:
            self._stop(StopAsked(reason=StopReason.TIMEOUT))
        else:
            self._kill()

    def _kill(self) -> None:
        self._kill_at = None
        self._process.kill()
