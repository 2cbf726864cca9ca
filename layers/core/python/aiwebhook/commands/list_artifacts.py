"""List artifacts, newest first, without their content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import ClientId, CommandData, Cursor, Label, Limit
from aiwebhook.commands.paging import fit_page, page_of
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import require_session
from aiwebhook.domain.page import DEFAULT_PAGE
from aiwebhook.domain.say_phrases import count_in_words, file_title, found


class Data(CommandData):
    """Which artifacts: of the session when one is named, else of the project."""

    type: Label | None = None
    task_id: ClientId | None = None
    limit: Limit = DEFAULT_PAGE
    cursor: Cursor | None = None


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound, Invalid for a cursor of another list."""
    rows = services.store.list_artifacts(
        project_id=context.project_id,
        session_id=context.session_id or None,
        artifact_type=command.type,
        task_id=command.task_id,
        page=page_of(context, command.limit, command.cursor, identity="artifact_id"),
    )
    if not rows and context.session_id:
        require_session(services, context)
    artifacts, more = fit_page(
        rows,
        command.limit,
        identity="artifact_id",
        place=lambda artifact: (artifact.created_at, artifact.artifact_id),
        room=context.room,
    )
    return Outcome(
        data={"artifacts": artifacts, "count": len(artifacts), "next_cursor": more},
        session_id=context.session_id or None,
    )


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    number, more = data["count"], bool(data["next_cursor"])
    titles = [file_title(artifact["name"]) for artifact in data["artifacts"]]
    say = found(count_in_words(number, "document"), titles, more=more)
    return Phrase(message=f"{number} {'artifact' if number == 1 else 'artifacts'}", say=say)
