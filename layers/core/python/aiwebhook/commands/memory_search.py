"""What query_memories and list_memories share: criteria directly in `data` or under `filter`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import CommandData, Cursor, Limit, MemoryTypeName, SearchText, Tags
from aiwebhook.commands.paging import fit_page, page_of
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import require_session
from aiwebhook.domain.say_phrases import count_in_words, found, gist
from aiwebhook.ports.command_rows import MemoryQuery

_IN_A_LIST = 90  # characters of each memory that is spoken


class MemoryFilter(CommandData):
    """All given criteria must hold; every word of `text` must occur."""

    type: MemoryTypeName | None = None
    tags: Tags = Field(default_factory=list)
    text: SearchText | None = None
    limit: Limit | None = None


class MemorySearch(MemoryFilter):
    """The criteria, at the top level or under `filter`; the top level wins."""

    filter: MemoryFilter = Field(default_factory=MemoryFilter)
    cursor: Cursor | None = None


def search_memories(
    services: CommandServices, context: CommandContext, command: MemorySearch
) -> Outcome:
    """Raises NotFound, Invalid for a cursor of another list."""
    inner = command.filter
    limit = command.limit or inner.limit or 10
    rows = services.store.query_memories(
        project_id=context.project_id,
        session_id=context.session_id,
        query=MemoryQuery(
            type=command.type or inner.type,
            tags=command.tags or inner.tags,
            words=(command.text or inner.text or "").split(),
        ),
        page=page_of(context, limit, command.cursor, identity="key"),
    )
    if not rows:
        require_session(services, context)
    memories, more = fit_page(
        rows,
        limit,
        identity="key",
        place=lambda memory: (memory.created_at, memory.key),
        room=context.room,
    )
    return Outcome(
        data={"memories": memories, "count": len(memories), "next_cursor": more},
        session_id=context.session_id,
    )


def phrase_memories(data: Mapping[str, Any]) -> Phrase:
    """How many, and what the newest two say."""
    number, more = data["count"], bool(data["next_cursor"])
    gists = [gist(memory["content"], _IN_A_LIST) for memory in data["memories"]]
    say = found(count_in_words(number, "memory", "memories"), gists, more=more, joint="; and ")
    return Phrase(message=f"{number} {'memory' if number == 1 else 'memories'}", say=say)
