"""How a task is told: its state, its result, why it waits."""

from __future__ import annotations

import time

from aiwebhook.clock import rfc3339
from aiwebhook.commands.base import CommandContext
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.task import TERMINAL
from aiwebhook.domain.waiting import explain_waiting
from aiwebhook.ports.commands import Json

_POLL_S = 1.0  # a lost notice delays an answer by this, never loses it
_STANDS = TERMINAL | {"input_required"}


def view_task(task: Json) -> Json:
    """A task as replies show it: fields that say nothing yet are left out."""
    always = ("task_id", "session_id", "agent_name", "status", "priority", "attempts", "created_at")
    shown = {name: task[name] for name in always}
    rest = {
        name: value
        for name, value in task.items()
        if name not in shown and name not in {"ready", "run_after"}
        and value is not None and value != [] and value is not False
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


def wait_for_task(
    services: CommandServices, context: CommandContext, task_id: str, *, timeout_s: float
) -> Json | None:
    """The task once it has ended or asks something, or as it is after `timeout_s`; None: it is gone."""
    until = time.monotonic() + timeout_s
    while True:
        task = services.store.find_task(project_id=context.project_id, task_id=task_id)
        left = until - time.monotonic()
        if task is None or task["status"] in _STANDS or left <= 0:
            return task
        services.store.wait_for_change(timeout_s=min(left, _POLL_S))
