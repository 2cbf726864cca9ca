"""Remember something; the same key again makes a new version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import (
    CommandData,
    MemoryObject,
    MemoryText,
    MemoryTypeName,
    NewMemoryKey,
    Tags,
)
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import moved_on, require_open_session
from aiwebhook.domain.say_phrases import a, spaced
from aiwebhook.ids import new_id
from aiwebhook.ports.command_rows import NewMemory


class Data(CommandData):
    """A memory: text or an object; a key is generated if none is given."""

    type: MemoryTypeName
    content: MemoryText | MemoryObject
    key: NewMemoryKey | None = None
    tags: Tags = Field(default_factory=list)


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound, Conflict."""
    memory = NewMemory(
        key=command.key or new_id("mem"),
        type=command.type,
        content=command.content,
        tags=list(dict.fromkeys(command.tags)),
    )
    written = services.store.store_memory(context.change(), memory)
    if written is None:
        require_open_session(services, context)
        raise moved_on(f"Session '{context.session_id}'")
    return Outcome.of(written, session_id=context.session_id)


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    kind = spaced(data["type"])
    say = f"I noted {a(kind)}." if data["version"] == 1 else f"I updated the {kind}."
    return Phrase(message=f"Memory '{data['key']}' stored, version {data['version']}", say=say)
