"""Forget a memory, all its versions; also in a completed session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import CommandData, MemoryKey
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import memory_missing, require_session


class Data(CommandData):
    key: MemoryKey


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound."""
    written = services.store.forget_memory(context.change(), key=command.key)
    if written is None:
        require_session(services, context)
        raise memory_missing(command.key)
    return Outcome.of(written, session_id=context.session_id)


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    return Phrase(message=f"Memory '{data['key']}' forgotten", say="I forgot it.")
