"""Our agent protocol from the agent's side: one JSON object in, JSON lines out."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TextIO, cast

JsonObject = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The run's input from the supervisor; chunks are oldest first."""

    description: str = ""
    input: Mapping[str, object] = field(default_factory=JsonObject)
    session: Mapping[str, object] = field(default_factory=JsonObject)
    chunks: tuple[Mapping[str, object], ...] = ()
    memories: tuple[Mapping[str, object], ...] = ()

    @classmethod
    def read(cls, stream: TextIO) -> "Task":
        """Reads everything up to the end of the stream."""
        data = cast("JsonObject", json.load(stream))
        context = cast("JsonObject", data.get("context") or {})
        return cls(
            description=str(data.get("description") or ""),
            input=cast("JsonObject", data.get("input") or {}),
            session=cast("JsonObject", context.get("session") or {}),
            chunks=tuple(cast("list[JsonObject]", context.get("chunks") or [])),
            memories=tuple(cast("list[JsonObject]", context.get("memories") or [])),
        )


def as_object(value: object) -> JsonObject:
    """The JSON object, or an empty one for anything else."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """The JSON array, or an empty one for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else []


class Voice:
    """Writes messages as they come, so that the supervisor sees progress live."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def say(self, message_type: str, **fields: object) -> None:
        """Write one message; fields that are None are left out."""
        present = {name: value for name, value in fields.items() if value is not None}
        # ASCII: a lone surrogate of the input cannot be written as UTF-8, its escape can.
        line = json.dumps({"type": message_type, **present})
        self._stream.write(line + "\n")
        self._stream.flush()
