"""How a task stands, and its result; `wait_s` waits for the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from aiwebhook.commands import content
from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import WHOLE, ClientId, CommandData
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import require_task
from aiwebhook.commands.task_view import queue_view, view_task
from aiwebhook.domain.answer_size import ROOM, answer_bytes
from aiwebhook.domain.say_phrases import agent_in_words, ended, is_ended, waiting
from aiwebhook.domain.say_text import capitalized
from aiwebhook.ports.command_rows import Json, Page
from aiwebhook.ports.task_rows import TaskRow
from aiwebhook.usecases.wait_for_task import wait_for_task

_ARTIFACTS = 50
_SAYINGS = {
    "pending": "has not started yet",
    "claimed": "is starting",
    "running": "is at work",
    "input_required": "has a question",
}
_MESSAGES = {
    "pending": "is waiting",
    "claimed": "is starting",
    "running": "is running",
    "input_required": "has a question",
    "completed": "has completed",
    "failed": "has failed",
    "cancelled": "was cancelled",
}


class Data(CommandData):
    """Which task, and how long to wait for its end."""

    task_id: ClientId
    wait_s: Annotated[int, Field(ge=0, le=20), WHOLE] = 0


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound."""
    task, pause = require_task(services, context, command.task_id), None
    if command.wait_s and not context.in_batch:
        waited = wait_for_task(
            services.store,
            services.waits,
            task_id=command.task_id,
            asked=context.asked_wait(command.wait_s),
        )
        task, pause = waited.task, waited.next_poll_ms
        if task is None:
            task = require_task(services, context, command.task_id)
    data: Json = view_task(task)
    if pause is not None:
        data["next_poll_ms"] = pause
    if data.get("output") and answer_bytes(data) > ROOM:
        output = data.pop("output")
        data |= content.output_by_address(services.blobs, context.project_id, output)
    data |= _artifacts(services, context, task)
    if task.status in {"pending", "claimed"}:
        data["queue"] = queue_view(services, context, command.task_id)
    return Outcome(data=data, session_id=task.session_id)


def _artifacts(services: CommandServices, context: CommandContext, task: TaskRow) -> Json:
    """What it has made, newest first; `artifacts_more` where list_artifacts has more."""
    rows = services.store.list_artifacts(
        project_id=context.project_id,
        session_id=task.session_id,
        artifact_type=None,
        task_id=task.task_id,
        page=Page(limit=_ARTIFACTS + 1),
    )
    named = [
        {"artifact_id": row.artifact_id, "name": row.name, "type": row.type, "size": row.size}
        for row in rows[:_ARTIFACTS]
    ]
    more = {"artifacts_more": True} if len(rows) > _ARTIFACTS else {}
    return {"artifacts": named, **more} if named else {}


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """A finished task speaks for itself."""
    message = f"Task '{data['task_id']}' {_MESSAGES[data['status']]}"
    if is_ended(data):
        return Phrase(message=message, say=ended(data))
    agent = agent_in_words(data)
    say = f"{capitalized(agent)} {_SAYINGS[data['status']]}."
    queue: dict[str, Any] = data.get("queue") or {}
    why = waiting(agent, queue) if data["status"] == "pending" else None
    why = queue.get("warning") or why
    return Phrase(message=message, say=f"{say} {why}" if why else say)
