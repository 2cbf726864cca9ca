"""Our own agent protocol: one JSON object on stdin, JSON lines on stdout (kinds command, python).

A line that is no JSON object is borne and counted. A message of a known type that breaks its
rules is a violation: silently dropping a memory or an artifact would make a result a lie.
"""

from collections.abc import Callable
from typing import cast

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.plain_text import plain_text
from aiwebhook_runner.jsons import JsonObject, decode_object
from aiwebhook_runner.messages import (
    MEMORY_TYPES,
    AgentError,
    AgentMessage,
    Artifact,
    Forget,
    LogLine,
    Memory,
    Progress,
    Result,
    Usage,
)

MAX_LINE_BYTES = 8 * 1024 * 1024
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
MAX_MESSAGE_CHARS = 4_000
"""Of a progress, log or error message; the rest is cut. Work belongs into results and artifacts."""

MAX_SPOKEN_CHARS = 2_000


class BrokenRule(ValueError):
    """The message names type, field, rule and value."""


class OutputTooLarge(Exception):
    """The agent passed a limit on its stdout; the message names the limit."""


def parse_line(line: bytes) -> AgentMessage | None:
    """One line of stdout. None for a type we do not know (a newer agent may say more).

    Raises NotJsonObject or BrokenRule.
    """
    if not line.strip():
        return None
    data = decode_object(line)
    reader = _READERS.get(cast("str", data.get("type"))) if _is_text(data.get("type")) else None
    return reader(data) if reader else None


class ProtocolReader:
    """Reads our own protocol line by line; the end adds nothing (a Reader of adapters.contract)."""

    def read(self, line: bytes) -> tuple[AgentMessage, ...]:
        """As parse_line."""
        message = parse_line(line)
        return () if message is None else (message,)

    def finish(self, end: object) -> tuple[AgentMessage, ...]:
        """The agent has said everything itself."""
        del end
        return ()


class LineSplitter:
    """Bytes in as they come, whole lines out; holds at most one line of the allowed length."""

    def __init__(
        self, *, max_line: int = MAX_LINE_BYTES, max_output: int = MAX_OUTPUT_BYTES
    ) -> None:
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
        lines = [self._line(end) for end in complete]
        self._hold(rest)
        return lines

    def finish(self) -> list[bytes]:
        """The last line, when the agent did not end it."""
        return [self._line(b"")] if self._held else []

    def _line(self, end: bytes) -> bytes:
        self._hold(end)
        line = b"".join(self._pieces)
        self._pieces, self._held = [], 0
        return line

    def _hold(self, piece: bytes) -> None:
        self._held += len(piece)
        if self._held > self._max_line:
            raise OutputTooLarge(f"The agent printed a line longer than {self._max_line} bytes.")
        if piece:
            self._pieces.append(piece)


def _progress(data: JsonObject) -> Progress:
    percent = data.get("percent")
    if percent is not None and not (_is_number(percent) and 0 <= cast("float", percent) <= 100):
        raise BrokenRule(f"progress.percent must be a number from 0 to 100, got {percent!r:.40}")
    return Progress(message=_message(data), percent=cast("float | None", percent))


def _log(data: JsonObject) -> LogLine:
    return LogLine(message=_message(data))


def _memory(data: JsonObject) -> Memory:
    kind = data.get("memory_type")
    if not isinstance(kind, str) or kind not in MEMORY_TYPES:
        rule = f"must be one of {', '.join(sorted(MEMORY_TYPES))}"
        raise BrokenRule(f"memory.memory_type {rule}, got {kind!r:.40}")
    content = data.get("content")
    if not isinstance(content, str | dict) or not content:
        raise BrokenRule(f"memory.content must be text or an object, got {content!r:.40}")
    return Memory(
        type=kind,
        content=cast("object", content),
        key=_optional_text(data, "key"),
        tags=_texts(data, "tags"),
        source=_optional_object(data, "source"),
    )


def _forget(data: JsonObject) -> Forget:
    return Forget(key=_text(data, "key"))


def _artifact(data: JsonObject) -> Artifact:
    content, path = _optional_text(data, "content"), _optional_text(data, "path")
    if (content is None) == (path is None):
        raise BrokenRule("artifact needs exactly one of content and path")
    return Artifact(
        name=_text(data, "name"),
        type=_text(data, "artifact_type"),
        format=_optional_text(data, "format"),
        content=content,
        path=path,
        metadata=_optional_object(data, "metadata") or {},
    )


def _usage(data: JsonObject) -> Usage:
    return Usage(values={key: value for key, value in data.items() if key != "type"})


def _result(data: JsonObject) -> Result:
    output = _optional_object(data, "output")
    if output is None:
        raise BrokenRule("result.output is missing; it must be an object")
    say = _optional_text(data, "say")
    return Result(output=output, say=plain_text(say or "", limit=MAX_SPOKEN_CHARS) or None)


def _error(data: JsonObject) -> AgentError:
    error_class = data.get("error_class")
    known = [member.value for member in ErrorClass]
    if error_class not in known:
        rule = f"must be one of {', '.join(known)}"
        raise BrokenRule(f"error.error_class {rule}, got {error_class!r:.40}")
    retryable = data.get("retryable")
    if retryable is not None and not isinstance(retryable, bool):
        raise BrokenRule(f"error.retryable must be true or false, got {retryable!r:.40}")
    return AgentError(
        error_class=ErrorClass(cast("str", error_class)),
        message=_message(data),
        remedy=_optional_text(data, "remedy"),
        retryable=retryable,
    )


_READERS: dict[str, Callable[[JsonObject], AgentMessage]] = {
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
    value = _optional_text(data, name)
    if not value:
        raise BrokenRule(f"{data['type']}.{name} is missing or empty")
    return value


def _optional_text(data: JsonObject, name: str) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise BrokenRule(f"{data['type']}.{name} must be a string, got {value!r:.40}")
    return value


def _optional_object(data: JsonObject, name: str) -> JsonObject | None:
    value = data.get(name)
    if value is not None and not isinstance(value, dict):
        raise BrokenRule(f"{data['type']}.{name} must be an object, got {value!r:.40}")
    return cast("JsonObject | None", value)


def _texts(data: JsonObject, name: str) -> tuple[str, ...]:
    value = data.get(name, [])
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    if not all(_is_text(item) for item in items):
        raise BrokenRule(f"{data['type']}.{name} must be a list of strings, got {value!r:.40}")
    return tuple(cast("list[str]", items))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
