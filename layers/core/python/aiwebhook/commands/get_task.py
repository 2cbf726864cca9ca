"""How a task stands, and its result; `wait_s` waits for the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import WHOLE, ClientId, CommandData
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.speech import ended, words
from aiwebhook.commands.states import require_task
from aiwebhook.commands.task_view import queue_view, view_task
from aiwebhook.usecases.wait_for_task import wait_for_task

_SAYINGS = {
    "pending": "The {agent} has not started yet.",
    "claimed": "The {agent} is starting.",
    "running": "The {agent} is at work.",
    "input_required": "The {agent} has a question.",
}


class Data(CommandData):
    """Which task, and how long to wait for its end."""

    task_id: ClientId
    wait_s: Annotated[int, Field(ge=0, le=20), WHOLE] = 0


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound."""
    task = require_task(services, context, command.task_id)
    if command.wait_s and not context.in_batch:
        wait_for_task(
            services.store,
            project_id=context.project_id,
            task_id=command.task_id,
            timeout_s=command.wait_s,
        )
        task = require_task(services, context, command.task_id)
    data = view_task(task)
    if task["status"] in {"pending", "claimed"}:
        data["queue"] = queue_view(services, context, command.task_id)
    return Outcome(data=data, session_id=task["session_id"])


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """Words; a finished task speaks for itself."""
    saying = _SAYINGS.get(data["status"])
    say = saying.format(agent=words(data["agent_name"])) if saying else ended(data)
    return Phrase(message=f"Task '{data['task_id']}' is {data['status']}", say=say)
