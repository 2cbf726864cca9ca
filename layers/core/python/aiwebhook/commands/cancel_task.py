"""Stop a task: a waiting one at once, a running one at its next heartbeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import ClientId, CommandData
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import moved_on, require_task
from aiwebhook.commands.task_view import told
from aiwebhook.domain.say_ending import agent_display_name
from aiwebhook.domain.say_phrases import agent_in_words
from aiwebhook.domain.task import TERMINAL
from aiwebhook.errors import Conflict
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.task_rows import TaskRow


class Data(CommandData):
    task_id: ClientId


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound; Conflict when it has ended otherwise. Cancelling twice is no error."""
    written = services.store.cancel_task(context.change(), task_id=command.task_id)
    if written is None:
        return _existing(services, context, command)
    return replace(
        Outcome.of(written, session_id=written.session_id),
        data=told(written.data),
        waited_for=(command.task_id,) if written.has_dependants else (),
    )


def _existing(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    task = require_task(services, context, command.task_id)
    if task.status == "cancelled":
        return Outcome(data=_answer(task), session_id=task.session_id, existing=True)
    if task.status in TERMINAL:
        raise Conflict(
            f"Task '{command.task_id}' has {task.status} already.",
            code="task_ended",
            remedy="There is nothing to cancel; get_task shows the result.",
        )
    raise moved_on(f"Task '{command.task_id}'")


def finish(
    services: CommandServices, context: CommandContext, _command: Data, outcome: Outcome
) -> Outcome:
    """Resolve the tasks that wait for this one, and those that wait for them in turn."""
    ended = list(outcome.waited_for)
    outbox: tuple[OutboxRow, ...] = outcome.outbox
    while ended:
        rows, ended = services.store.resolve_dependants(
            project_id=context.project_id, task_ids=ended
        )
        outbox += rows
    return replace(outcome, outbox=outbox)


def _answer(task: TaskRow) -> dict[str, Any]:
    return {
        "task_id": task.task_id,
        "agent_name": task.agent_name,
        "agent_title": agent_display_name(task.agent_name, task.agent_title),
        "status": task.status,
        "cancel_requested": False,
    }


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """A running task ends by itself, a moment later."""
    if data["cancel_requested"]:
        message = f"Task '{data['task_id']}' is asked to stop"
        return Phrase(message=message, say=f"I asked {agent_in_words(data)} to stop.")
    return Phrase(message=f"Task '{data['task_id']}' cancelled", say="I cancelled the task.")
