"""Read one memory by its key, in its current version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import CommandData, MemoryKey
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import memory_missing, require_session
from aiwebhook.domain.say_phrases import gist, spaced
from aiwebhook.domain.view import view


class Data(CommandData):
    key: MemoryKey


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound."""
    found = services.store.find_memory(
        project_id=context.project_id, session_id=context.session_id, key=command.key
    )
    if found is None:
        require_session(services, context)
        raise memory_missing(command.key)
    memory = view(found)
    # Clients of earlier releases read it under `memory`.
    return Outcome(data={**memory, "memory": memory}, session_id=context.session_id)


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    kind, text = spaced(data["type"]), gist(data["content"])
    say = f"The {kind} says: {text}." if text else f"I found the {kind}."
    return Phrase(message=f"Memory '{data['key']}'", say=say)
