"""Send a message to a task under way: an agent on a model works on it at its next turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import ClientId, CommandData, MemoryObject, MemoryText, PlainLines
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import moved_on, require_task
from aiwebhook.commands.task_view import told
from aiwebhook.domain.agent_kind import READING_MESSAGES
from aiwebhook.domain.say_phrases import agent_in_words
from aiwebhook.domain.task import TERMINAL
from aiwebhook.errors import Conflict
from aiwebhook.ports.task_rows import TaskRow


class Data(CommandData):
    """The message: text, or an object."""

    task_id: ClientId
    message: Annotated[MemoryText, PlainLines] | MemoryObject


_NEW_TASK = "Delegate a new task that carries the message."
_RETRY = f"Queue it again with retry_task and then reply; or: {_NEW_TASK[0].lower()}{_NEW_TASK[1:]}"
_REMEDIES = {"completed": _NEW_TASK, "failed": _RETRY, "cancelled": _RETRY}


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound; Conflict when it has ended, or its agent reads no messages."""
    message = {"text": command.message} if isinstance(command.message, str) else command.message
    written = services.store.reply_to_task(
        context.change(),
        task_id=command.task_id,
        message=message,
        reading_kinds=sorted(READING_MESSAGES),
    )
    if written is None:
        raise _refusal(services, context, command.task_id)
    return replace(Outcome.of(written, session_id=written.session_id), data=told(written.data))


def _refusal(services: CommandServices, context: CommandContext, task_id: str) -> Conflict:
    """Why the message was not taken. Raises NotFound."""
    task = require_task(services, context, task_id)
    if task.status in TERMINAL:
        return Conflict(
            f"Task '{task_id}' has ended ({task.status}); the message would not be read.",
            code="task_ended",
            remedy=_REMEDIES[task.status],
        )
    _refuse_deaf(services, context, task)
    return moved_on(f"Task '{task_id}'")


def _refuse_deaf(services: CommandServices, context: CommandContext, task: TaskRow) -> None:
    """A message that nobody will ever read is not taken. Raises Conflict."""
    name = task.agent_name
    agent = services.store.find_agent(project_id=context.project_id, agent_name=name)
    kind = None if agent is None else agent.manifest.get("kind")
    if kind is not None and kind not in READING_MESSAGES:
        raise Conflict(
            f"Agent '{name}' (kind {kind}) reads no messages while it works on a task.",
            code="agent_reads_no_messages",
        )


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    return Phrase(
        message=f"Message kept for task '{data['task_id']}'",
        say=f"I passed it on to {agent_in_words(data)}.",
    )
