"""List tasks, newest first, without input and output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.delegation import require_agent
from aiwebhook.commands.fields import AgentName, CommandData, Cursor, Limit, StatusOfTask
from aiwebhook.commands.paging import fit_page, page_of
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import require_session
from aiwebhook.commands.task_view import list_view
from aiwebhook.domain.page import DEFAULT_PAGE
from aiwebhook.domain.say_phrases import count_in_words, found, task_title


class Data(CommandData):
    """Which tasks: of the session when one is named, else of the project."""

    status: StatusOfTask | None = None
    agent_name: AgentName | None = None
    limit: Limit = DEFAULT_PAGE
    cursor: Cursor | None = None


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound (session or agent), Invalid for a cursor of another list."""
    rows = services.store.list_tasks(
        project_id=context.project_id,
        session_id=context.session_id or None,
        status=command.status,
        agent_name=command.agent_name,
        page=page_of(context, command.limit, command.cursor, identity="task_id"),
    )
    if not rows and context.session_id:
        require_session(services, context)
    if not rows and command.agent_name is not None:
        require_agent(services, context, command.agent_name)
    tasks, more = fit_page(
        rows,
        command.limit,
        identity="task_id",
        place=lambda task: (task.created_at, task.task_id),
        view=list_view,
        room=context.room,
    )
    return Outcome(
        data={"tasks": tasks, "count": len(tasks), "next_cursor": more},
        session_id=context.session_id or None,
    )


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """The newest two by name, and how they stand."""
    tasks, more = data["tasks"], bool(data["next_cursor"])
    message = f"{data['count']} {'task' if data['count'] == 1 else 'tasks'}"
    titles = [task_title(task) for task in tasks]
    say = found(count_in_words(data["count"], "task"), titles, more=more, joint=", and ")
    return Phrase(message=message, say=say)
