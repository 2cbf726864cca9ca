"""List sessions, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import CommandData, Cursor, Limit, SearchText
from aiwebhook.commands.paging import fit_page, page_of
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.page import DEFAULT_PAGE
from aiwebhook.domain.say_phrases import count_in_words, found, title


class Data(CommandData):
    """Which sessions: by status, and by words in id, title, context or participants."""

    filter: Literal["all", "active", "paused", "completed"] = "all"
    limit: Limit = DEFAULT_PAGE
    search: SearchText | None = None
    cursor: Cursor | None = None


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises Invalid for a cursor of another list."""
    rows = services.store.list_sessions(
        project_id=context.project_id,
        status=None if command.filter == "all" else command.filter,
        search=command.search,
        page=page_of(context, command.limit, command.cursor, identity="session_id"),
    )
    sessions, more = fit_page(
        rows,
        command.limit,
        identity="session_id",
        place=lambda session: (session.created_at, session.session_id),
        room=context.room,
    )
    return Outcome(data={"sessions": sessions, "count": len(sessions), "next_cursor": more})


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    sessions, more = data["sessions"], bool(data["next_cursor"])
    titles = [title(s["title"] or s["session_id"]) for s in sessions]
    say = found(count_in_words(data["count"], "session"), titles, more=more)
    return Phrase(
        message=f"{data['count']} {'session' if data['count'] == 1 else 'sessions'}", say=say
    )
