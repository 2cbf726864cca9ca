"""Why a task is not running."""

from __future__ import annotations

from aiwebhook.domain.waiting import Waiting, explain_waiting
from aiwebhook.errors import NotFound
from aiwebhook.ports.queue import RunStore


def explain_task(store: RunStore, *, project_id: str, task_id: str) -> Waiting | None:
    """The explanation with place and estimate; None when it runs or has ended. Raises NotFound."""
    situation = store.explain_task(project_id=project_id, task_id=task_id)
    if situation is None:
        raise NotFound(f"There is no task {task_id!r}.")
    return explain_waiting(situation)
