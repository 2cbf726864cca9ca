"""Which of an agent's messages become events of its run, and in which form."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TypeAlias, cast

from aiwebhook.domain.plain_text import plain_text
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.output.messages import (
    AgentMessage,
    AgentResult,
    AgentText,
    FileChanged,
    LogLine,
    Progress,
    Question,
    Thinking,
    ToolCall,
    ToolResult,
)

LONGEST_TEXT = 4_000
"""Characters of one text in an event. Events show progress; work belongs in results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentEvent:
    """As POST …/events takes it, except for the time."""

    type: str
    data: JsonObject


EventOf: TypeAlias = Callable[[AgentMessage], AgentEvent | None]

_EVENT_TYPES: dict[type[object], str] = {
    AgentText: "message",
    Thinking: "thinking",
    ToolCall: "tool_call",
    ToolResult: "tool_result",
    FileChanged: "file_changed",
    Question: "question",
}


def protocol_event(message: AgentMessage) -> AgentEvent | None:
    """For an agent that uses our protocol: it decides itself what is worth an event."""
    match message:
        case Progress(message=text, percent=percent):
            return AgentEvent(type="progress", data={"message": text, "percent": percent})
        case LogLine(message=text):
            return AgentEvent(type="log", data={"message": text})
        case _:
            return None


def model_event(message: AgentMessage) -> AgentEvent | None:
    """For an agent on a model: everything it does, live."""
    event_type = _EVENT_TYPES.get(type(message))
    if event_type is not None:
        return AgentEvent(type=event_type, data=asdict(message))
    if isinstance(message, AgentResult):
        text = message.output.get("text", "")
        return AgentEvent(type="result", data={"text": text, "say": message.say})
    return protocol_event(message)


def redacted(data: JsonObject, redact: Callable[[str], str]) -> JsonObject:
    """The data without secrets in any text. Control characters are removed first, because they
    could hide one; it is cut afterwards, because half a secret is not recognised.
    """
    return cast("JsonObject", each_text(data, lambda text: redact(plain_text(text))[:LONGEST_TEXT]))


def each_text(value: object, change: Callable[[str], str]) -> object:
    """The JSON value with every text changed; names stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return [each_text(item, change) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        pairs = cast("JsonObject", value).items()
        return {name: each_text(item, change) for name, item in pairs}
    return value
