"""A long poll on one task: woken by NOTIFY, with polling as a fallback."""

from __future__ import annotations

import time
from collections.abc import Callable

from aiwebhook.domain.task import AT_REST
from aiwebhook.ports.commands import TaskStore
from aiwebhook.ports.task_rows import TaskRow

_POLL_S = 1.0  # a lost notification delays an answer by this, never loses it


def wait_for_task(
    store: TaskStore,
    *,
    project_id: str,
    task_id: str,
    timeout_s: float,
    monotonic: Callable[[], float] = time.monotonic,
) -> TaskRow | None:
    """The task once it has ended or asks something, or as it is after `timeout_s`; None if
    it was deleted.
    """
    until = monotonic() + timeout_s
    while True:
        task = store.find_task(project_id=project_id, task_id=task_id)
        left = until - monotonic()
        if task is None or task.status in AT_REST or left <= 0:
            return task
        store.wait_for_change(timeout_s=min(left, _POLL_S))
