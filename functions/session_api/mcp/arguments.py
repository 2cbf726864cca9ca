"""The arguments of a tool and their JSON Schema, both derived from the model of its command."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Optional, cast

from pydantic import Field, create_model
from pydantic_core import PydanticUndefined

from aiwebhook.commands.catalogue import CATALOGUE, CommandSpec
from aiwebhook.commands.fields import SHOWN, WHOLE, CommandData, PlainLine
from aiwebhook.commands.mcp_tools import SESSION_ARGUMENT, ToolArgument, ToolSpec
from aiwebhook.usecases import long_poll

Json = dict[str, Any]
Reference = Annotated[str, Field(min_length=1, max_length=500), PlainLine]
"""An id, or what somebody calls the thing."""
_NUMBERS: Mapping[str, tuple[Any, int]] = {
    "wait_s": (Annotated[int, Field(ge=0), WHOLE], 0),
    "page": (Annotated[int, Field(ge=1), WHOLE], 1),
}
REFERENCES = frozenset({SESSION_ARGUMENT, "task_id", "key"})
MAX_TOOL_WAIT_S = int(long_poll.MAX_WAIT_S)

_REQUEST_ID: Json = {
    "type": "string",
    "description": "Any text; a repeated call with the same text is done only once",
}
_NEWS: Json = {
    "ack": {
        "type": "array",
        "items": {"type": "string"},
        "description": "What you have told the user; `next` of earlier results says what to send",
    },
    "reader": {
        "type": "string",
        "description": "A name for this conversation, if the client has several",
    },
}
_DROPPED = frozenset({"title", "default", SHOWN, "minLength", "maxLength", "maxItems"})


@cache
def arguments_model(command: str) -> type[CommandData]:
    """The model of the tool's arguments, without request_id, ack and reader."""
    spec = CATALOGUE[command]
    tool = tool_of(spec)
    fields = {name: _field(spec, argument) for name, argument in tool.arguments.items()}
    made: Any = create_model(f"{command}_arguments", __base__=CommandData, **cast("Any", fields))
    return made


def tool_of(spec: CommandSpec) -> ToolSpec:
    """The tool of a command. Raises TypeError if it has none."""
    if spec.tool is None:
        raise TypeError(f"{spec.name} is no tool")
    return spec.tool


def _field(spec: CommandSpec, argument: ToolArgument) -> tuple[Any, Any]:
    """Annotation and default, as `create_model` takes them."""
    about = Field(description=argument.about)
    nothing: Any = ... if argument.required else None
    refers = argument.field in REFERENCES and not _is_new_key(spec, argument)
    if refers or argument.field == "artifact":
        kind: Any = Reference if argument.required else Optional[Reference]  # noqa: UP045 - a value, not a hint
        return Annotated[kind, about], nothing
    if argument.field in _NUMBERS:
        kind, default = _NUMBERS[argument.field]
        return Annotated[kind, about], default
    source = spec.code.model.model_fields[argument.field]
    kind = Annotated[(source.annotation, *source.metadata, about)]
    if argument.required:
        return kind, ...
    if source.default_factory is not None:
        return kind, Field(default_factory=cast("Any", source.default_factory))
    return kind, None if source.default is PydanticUndefined else source.default


def _is_new_key(spec: CommandSpec, argument: ToolArgument) -> bool:
    """store_memory may create its key; elsewhere a key refers to an existing memory."""
    return argument.field == "key" and spec.name == "store_memory"


def input_schema(spec: CommandSpec) -> Json:
    """JSON Schema of the arguments, without what only validation needs: it costs tokens."""
    schema = arguments_model(spec.name).model_json_schema()
    properties = {name: _tidy(each) for name, each in schema["properties"].items()}
    if spec.writes:
        properties["request_id"] = _REQUEST_ID
    tidy: Json = {"type": "object", "properties": properties | _NEWS}
    if schema.get("required"):
        tidy["required"] = schema["required"]
    return tidy | {"additionalProperties": False}


def _tidy(schema: Json) -> Json:
    """Without titles and without null, which means absent; of several types only the first."""
    choices: list[Json] = schema.get("anyOf", [])
    if choices:
        rest = {name: value for name, value in schema.items() if name != "anyOf"}
        return _tidy({**choices[0], **rest})
    kept = {name: value for name, value in schema.items() if name not in _DROPPED}
    if isinstance(kept.get("items"), dict):
        kept["items"] = _tidy(kept["items"])
    return kept
