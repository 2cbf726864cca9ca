"""The stored answer to a repeated write, and what to say when its session is there no longer."""

from __future__ import annotations

from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.task_view import told
from aiwebhook.domain.say_ending import agent_display_name
from aiwebhook.errors import NotFound
from aiwebhook.ports.command_rows import StoredOutcome


def replayed_outcome(
    services: CommandServices, context: CommandContext, stored: StoredOutcome
) -> Outcome:
    """What the first try answered. Raises NotFound for a task that was deleted since."""
    data = stored.data
    if data.get("provisional"):
        data = _recalled(services, context, str(data["task_id"]))
    else:
        data = told(data)
    return Outcome(data=data, session_id=stored.session_id, cursor=stored.cursor)


def _recalled(services: CommandServices, context: CommandContext, task_id: str) -> dict[str, Any]:
    """What a writer of before migration 0025 did not live to store: it kept the answer
    in two steps.
    """
    task = services.store.find_task(project_id=context.project_id, task_id=task_id)
    if task is None:
        raise NotFound(
            f"Task '{task_id}' was accepted, and deleted since.",
            code="task_not_found",
            remedy="Delegate it again, with a new idempotency key.",
        )
    return {
        "task_id": task_id,
        "agent_name": task.agent_name,
        "agent_title": agent_display_name(task.agent_name, task.agent_title),
        "status": task.status,
        "cancel_requested": task.status != "cancelled",
    }


def note_on_deletion(
    services: CommandServices, context: CommandContext, stored: StoredOutcome | None
) -> tuple[str, ...]:
    """For a stored answer: the write took effect once and is not done again, so whoever goes on in
    its session must learn here that somebody has deleted it.
    """
    if stored is None or context.command == "delete_session":
        return ()
    session_id = stored.session_id or context.session_id
    if not session_id or not was_deleted(
        services, project_id=context.project_id, session_id=session_id
    ):
        return ()
    note = (
        f"This is the answer to an earlier request; session '{session_id}' has been deleted since."
        " A new idempotency key does it again."
    )
    return (note,)


def was_deleted(services: CommandServices, *, project_id: str, session_id: str) -> bool:
    """Whether a session that a stored answer names is there no longer."""
    return services.store.find_session(project_id=project_id, session_id=session_id) is None
