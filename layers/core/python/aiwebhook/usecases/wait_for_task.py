"""A long poll on one task: woken by NOTIFY, with polling as a fallback."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiwebhook.domain.task import AT_REST
from aiwebhook.ports.commands import TaskStore
from aiwebhook.ports.task_rows import TaskRow
from aiwebhook.usecases.granted_waits import AskedWait, Waits

_POLL_S = 1.0  # a lost notification delays an answer by this, never loses it


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitedTask:
    """The task, None if it was deleted. `next_poll_ms`: when to ask again, if the task is still
    running and the request was not held.
    """

    task: TaskRow | None
    next_poll_ms: int | None = None


def wait_for_task(
    store: TaskStore,
    waits: Waits,
    *,
    task_id: str,
    asked: AskedWait,
    monotonic: Callable[[], float] = time.monotonic,
) -> WaitedTask:
    """The task once it has ended or asks something, or its state after `asked.wait_s`; immediately
    if the request is not held.
    """

    def find() -> TaskRow | None:
        return store.find_task(project_id=asked.project_id, task_id=task_id)

    until = monotonic() + asked.wait_s
    task = find()
    if not _goes_on(task) or asked.wait_s <= 0:
        return WaitedTask(task=task)
    with waits.granted(asked) as granted:
        if not granted:
            return WaitedTask(task=task, next_poll_ms=waits.next_poll_ms(asked))
        while _goes_on(task) and (left := until - monotonic()) > 0:
            store.wait_for_change(timeout_s=min(left, _POLL_S))
            task = find()
    return WaitedTask(task=task)


def _goes_on(task: TaskRow | None) -> bool:
    return task is not None and task.status not in AT_REST
