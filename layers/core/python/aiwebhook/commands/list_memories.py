"""List memories, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.memory_search import MemorySearch, phrase_memories, search_memories
from aiwebhook.commands.services import CommandServices

Data = MemorySearch


def handle(services: CommandServices, context: CommandContext, command: MemorySearch) -> Outcome:
    """Raises NotFound, Invalid."""
    return search_memories(services, context, command)


def phrase(_command: MemorySearch, data: Mapping[str, Any]) -> Phrase:
    """The first two, word for word."""
    return phrase_memories(data)
