"""Our own agent protocol: one JSON object on stdin, JSON lines on stdout (kinds command, python).

Lines that are not JSON objects are tolerated and counted. A message that breaks the rules is
repaired or left out when the result is reported; the result's notes say so.
"""

from collections.abc import Callable
from typing import cast

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.notes import Notes
from aiwebhook.domain.plain_text import plain_text
from aiwebhook.domain.run_report import artifact_name
from aiwebhook_runner.jsons import JsonObject, decode_object, encode
from aiwebhook_runner.output.messages import (
    AgentError,
    AgentMessage,
    AgentResult,
    Artifact,
    Forget,
    LogLine,
    Memory,
    Noted,
    Progress,
    ReportedUsage,
)

MAX_LINE_BYTES = 20 * 1024 * 1024
"""JSON escapes a character in up to six bytes, so an agent's text may be a sixth of this."""
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
MAX_MESSAGE_CHARS = 4_000
"""Of a progress, log or error message; the rest is cut. Work belongs in results and artifacts."""


class BrokenRule(ValueError):
    """The message cannot be used; names type, field and rule."""


class OutputTooLarge(Exception):
    """The agent passed a limit on its stdout; the message names the limit."""


def parse_line(line: bytes, notes: Notes | None = None) -> AgentMessage | None:
    """One line of stdout. None for a type we do not know (a newer agent may say more).

    Raises NotJsonObject or BrokenRule.
    """
    if not line.strip():
        return None
    notes = Notes() if notes is None else notes
    data = decode_object(line, notes)
    kind = data.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    return reader(data, notes) if reader else None


class ProtocolReader:
    """Reads our protocol line by line; the end adds nothing (an
    OutputReader of adapters.contract).
    """

    def __init__(self) -> None:
        self._seen: dict[type, int] = {}

    def read(self, line: bytes) -> tuple[AgentMessage, ...]:
        """As parse_line, with notes of changes."""
        notes = Notes()
        message = parse_line(line, notes)
        if message is None:
            return ()
        below = self._place(message)
        placed = Notes()
        placed.extend(notes.taken(), below=below)
        found = placed.taken()
        return (message, Noted(notes=found)) if found else (message,)

    def finish(self, end: object) -> tuple[AgentMessage, ...]:
        """The agent has reported everything itself."""
        del end
        return ()

    def _place(self, message: AgentMessage) -> str:
        """The JSON pointer of the message in the run's report."""
        name = _PLACES.get(type(message))
        if name is None:
            return ""
        number = self._seen.get(type(message), 0)
        self._seen[type(message)] = number + 1
        return f"/{name}/{number}"


_PLACES: dict[type, str] = {Memory: "memories", Artifact: "artifacts", Forget: "forget"}


class LineSplitter:
    """Takes bytes as they come, returns whole lines; holds at most one line of the allowed length.
    A longer line is left out and counted: it need not be the one that matters.
    """

    def __init__(
        self, *, max_line: int = MAX_LINE_BYTES, max_output: int = MAX_OUTPUT_BYTES
    ) -> None:
        self.left_out = 0
        self._pieces: list[bytes] = []
        self._held = 0
        self._seen = 0
        self._max_line = max_line
        self._max_output = max_output

    def feed(self, data: bytes) -> list[bytes]:
        """Lines completed by these bytes. Raises OutputTooLarge."""
        self._seen += len(data)
        if self._seen > self._max_output:
            raise OutputTooLarge(f"The agent printed more than {self._max_output} bytes.")
        *complete, rest = data.split(b"\n")
        lines = [line for end in complete if (line := self._line(end)) is not None]
        self._hold(rest)
        return lines

    def finish(self) -> list[bytes]:
        """The last line, if the agent did not terminate it."""
        line = self._line(b"") if self._held else None
        return [] if line is None else [line]

    def _line(self, end: bytes) -> bytes | None:
        self._hold(end)
        too_long = self._held > self._max_line
        line = b"".join(self._pieces)
        self._pieces, self._held = [], 0
        self.left_out += too_long
        return None if too_long else line

    def _hold(self, piece: bytes) -> None:
        self._held += len(piece)
        if self._held > self._max_line:
            self._pieces = []
        elif piece:
            self._pieces.append(piece)


def _progress(data: JsonObject, _notes: Notes) -> Progress:
    percent = data.get("percent")
    known = _is_number(percent) and 0 <= cast("float", percent) <= 100
    return Progress(message=_message(data), percent=cast("float", percent) if known else None)


def _log(data: JsonObject, _notes: Notes) -> LogLine:
    return LogLine(message=_message(data))


def _memory(data: JsonObject, _notes: Notes) -> Memory:
    return Memory(
        type=data.get("memory_type"),
        content=data.get("content"),
        key=data.get("key"),
        tags=data.get("tags"),
        source=data.get("source"),
    )


def _forget(data: JsonObject, _notes: Notes) -> Forget:
    return Forget(key=_text(data, "key"))


def _artifact(data: JsonObject, notes: Notes) -> Artifact:
    content, path = data.get("content"), data.get("path")
    if content is not None and not isinstance(content, str):
        notes.add("/content", "was not text; it is kept as JSON.")
        content = encode(content).decode()
    if content is None and not (isinstance(path, str) and path):
        raise BrokenRule("artifact needs content or path")
    return Artifact(
        name=artifact_name(data.get("name"), notes),
        type=data.get("artifact_type"),
        format=data.get("format"),
        content=content,
        path=cast("str", path) if content is None else None,
        metadata=data.get("metadata"),
    )


def _usage(data: JsonObject, _notes: Notes) -> ReportedUsage:
    return ReportedUsage(values={key: value for key, value in data.items() if key != "type"})


def _result(data: JsonObject, notes: Notes) -> AgentResult:
    output, say = data.get("output"), data.get("say")
    if not isinstance(output, dict):
        name = "text" if isinstance(output, str) else "value"
        notes.add("/output", f"was not an object; it is kept under {name}.")
        output = {} if output is None else {name: output}
    if say is not None and not isinstance(say, str):
        notes.add("/say", "was not text; it was left out.")
        say = None
    return AgentResult(output=cast("JsonObject", output), say=say or None)


def _error(data: JsonObject, notes: Notes) -> AgentError:
    error_class, retryable, remedy = (
        data.get(name) for name in ("error_class", "retryable", "remedy")
    )
    known = isinstance(error_class, str) and error_class in list(ErrorClass)
    if not known:
        notes.add("/error_class", f"was {error_class!r:.80}, which is not known; taken for model.")
    message = data.get("message")
    return AgentError(
        error_class=ErrorClass(error_class)
        if isinstance(error_class, str) and known
        else ErrorClass.MODEL,
        message=plain_text(str(message), limit=MAX_MESSAGE_CHARS)
        if message
        else "The agent failed and did not say why.",
        remedy=remedy if isinstance(remedy, str) else None,
        retryable=retryable if isinstance(retryable, bool) else None,
    )


_READERS: dict[str, Callable[[JsonObject, Notes], AgentMessage]] = {
    "progress": _progress,
    "log": _log,
    "memory": _memory,
    "forget": _forget,
    "artifact": _artifact,
    "usage": _usage,
    "result": _result,
    "error": _error,
}


def _message(data: JsonObject) -> str:
    return plain_text(_text(data, "message"), limit=MAX_MESSAGE_CHARS)


def _text(data: JsonObject, name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise BrokenRule(f"{data['type']}.{name} is missing, empty or not text")
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
