"""Send a message to a task under way: an agent on a model works on it at its next turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import ClientId, CommandData, MemoryObject, MemoryText, PlainLines
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import moved_on, require_task
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
    task = require_task(services, context, command.task_id)
    session_id = task.session_id
    if task.status not in TERMINAL:
        _refuse_deaf(services, context, task)
    message = {"text": command.message} if isinstance(command.message, str) else command.message
    written = services.store.reply_to_task(
        context.change(session_id), task_id=command.task_id, message=message
    )
    if written is None:
        status = require_task(services, context, command.task_id).status
        if status in TERMINAL:
            raise Conflict(
                f"Task '{command.task_id}' has ended ({status}); the message would not be read.",
                code="task_ended",
                remedy=_REMEDIES[status],
            )
        raise moved_on(f"Task '{command.task_id}'")
    return Outcome.of(written, session_id=session_id)


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
