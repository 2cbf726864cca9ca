"""The interface of a dialect of the scripted provider, and the framing of its streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiwebhook_gateway.jsons import JsonObject, as_object, as_text, encode, objects
from aiwebhook_local.scripted.conversation import ModelAnswer, ModelRequest, ScriptedToolCall
from aiwebhook_local.scripted.scenarios import ProviderFailure
from aiwebhook_local.scripted.steps import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """An answer as frames of an event stream; faults happen after the first of `texts`."""

    head: Sequence[bytes]
    texts: Sequence[bytes]
    tail: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRefusal:
    """An error as this provider words it."""

    status: int
    body: JsonObject


class Dialect(Protocol):
    """One API of one provider."""

    name: str

    def read(self, path: str, body: JsonObject, /) -> ModelRequest:
        """The request in the common form."""
        ...

    def choose(self, step: Step, request: ModelRequest) -> ScriptedToolCall | None:
        """The call that executes the step, or None when the CLI offers no tool for it."""
        ...

    def refuse(self, failure: ProviderFailure) -> ProviderRefusal: ...

    def whole(self, request: ModelRequest, answer: ModelAnswer) -> JsonObject:
        """The answer in one piece."""
        ...

    def stream(self, request: ModelRequest, answer: ModelAnswer) -> Streamed:
        """The answer as a stream."""
        ...


def frame(data: JsonObject | str, event: str | None = None) -> bytes:
    """One server-sent event."""
    payload = data.encode() if isinstance(data, str) else encode(data)
    named = f"event: {event}\n".encode() if event else b""
    return named + b"data: " + payload + b"\n\n"


def halves(text: str) -> tuple[str, str]:
    """Two pieces, so that a stream can be cut between them."""
    middle = max(1, len(text) // 2)
    return text[:middle], text[middle:]


def message_text(content: object) -> str:
    """The text of a message: a string, or blocks of which some have a text."""
    if isinstance(content, str):
        return content
    return "\n".join(as_text(block.get("text")) for block in objects(content))


def schema_of(tool: JsonObject, *names: str) -> JsonObject:
    """The JSON schema of a tool's arguments, under the first of these names."""
    return next((as_object(tool[name]) for name in names if name in tool), JsonObject())
