"""Queue a failed or cancelled task again, with all its attempts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.delegation import check_dependencies
from aiwebhook.commands.fields import ClientId, CommandData
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import moved_on, require_task
from aiwebhook.commands.task_view import told
from aiwebhook.domain.say_phrases import agent_in_words, joined, waiting
from aiwebhook.domain.say_text import capitalized
from aiwebhook.domain.task import UNSUCCESSFUL
from aiwebhook.errors import Conflict


class Data(CommandData):
    task_id: ClientId


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound; Conflict when it has not ended badly, or a dependency has."""
    written = services.store.retry_task(context.change(), task_id=command.task_id)
    if written is None:
        task = require_task(services, context, command.task_id)
        if task.status not in UNSUCCESSFUL:
            raise Conflict(
                f"Task '{command.task_id}' is {task.status}; only a failed or cancelled one is "
                "retried.",
                code="task_not_ended",
            )
        check_dependencies(services, context, task.depends_on)
        raise moved_on(f"Task '{command.task_id}'")
    return replace(Outcome.of(written, session_id=written.session_id), data=told(written.data))


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """What is known to keep it from starting comes first."""
    agent = agent_in_words(data)
    queue: dict[str, Any] = data.get("queue") or {}
    why = waiting(agent, queue)
    say = f"{capitalized(agent)} will try again."
    if queue.get("warning"):
        say = joined(queue["warning"], "It is tried again all the same.")
    elif why:
        say = f"{say} {why}"
    return Phrase(message=f"Task '{data['task_id']}' queued again", say=say)
