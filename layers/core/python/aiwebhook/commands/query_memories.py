"""Find memories by type, tags and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.memory_search import MemorySearch, search_memories
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.speech import count

Data = MemorySearch


def handle(services: CommandServices, context: CommandContext, command: MemorySearch) -> Outcome:
    """Raises NotFound, Invalid."""
    return search_memories(services, context, command)


def phrase(_command: MemorySearch, data: Mapping[str, Any]) -> Phrase:
    """Words."""
    found = count(data["count"], "memory", "memories")
    more = " and more" if data["next_cursor"] else ""
    return Phrase(message=f"{data['count']} memories", say=f"I found {found}{more}.")
