"""How a task is told: its state, its result, why it waits."""

from __future__ import annotations

from aiwebhook.clock import rfc3339
from aiwebhook.commands.base import CommandContext
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.waiting import explain_waiting
from aiwebhook.ports.command_rows import (
    Json,
)


def view_task(task: Json) -> Json:
    """A task as replies show it: fields that say nothing yet are left out."""
    always = ("task_id", "session_id", "agent_name", "status", "priority", "attempts", "created_at")
    shown = {name: task[name] for name in always}
    rest = {
        name: value
        for name, value in task.items()
        if name not in shown
        and name not in {"ready", "run_after"}
        and value is not None
        and value != []
        and value is not False
    }
    return {**shown, **rest}


def queue_view(services: CommandServices, context: CommandContext, task_id: str) -> Json | None:
    """Why the task does not run yet: reason, explanation, position, estimate. None when it runs."""
    situation = services.store.explain_task(project_id=context.project_id, task_id=task_id)
    waiting = None if situation is None else explain_waiting(situation)
    if waiting is None:
        return None
    return {
        "reason": waiting.reason.value,
        "explanation": waiting.explanation,
        "position": waiting.position,
        "estimate_s": waiting.estimate_s,
        "until": None if waiting.until is None else rfc3339(waiting.until),
        "waits_for": list(waiting.waits_for),
    }
