"""Resolves the tasks that depend on tasks that have ended."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Protocol

from aiwebhook.domain.task import TERMINAL
from aiwebhook.errors import Unavailable
from aiwebhook.ports.changes import Changes, TaskChange, TaskRef
from aiwebhook.ports.messaging import OutboxRow


class DependantsStore(Protocol):
    """The one statement needed here."""

    def resolve_dependants(self, tasks: Sequence[TaskRef]) -> Changes:
        """Unblock tasks whose dependencies completed; fail those with a failed one."""
        ...


def resolve_ended(store: DependantsStore, changes: Changes) -> tuple[OutboxRow, ...]:
    """Unblock dependants of completed tasks, fail those of other ended tasks, and theirs in
    turn. Returns all outbox rows, those of `changes` first. One statement per generation, not
    one for the whole graph, so that each sees dependants enqueued meanwhile. If the database is
    lost, the reaper continues.
    """
    outbox = [changes.outbox]
    ended = _with_dependants(changes.tasks)
    try:
        while ended:
            step = store.resolve_dependants(ended)
            outbox.append(step.outbox)
            ended = _with_dependants(step.tasks)
    except Unavailable:
        pass  # the end itself is committed; report it, and let the reaper continue from here
    return tuple(chain.from_iterable(outbox))


def _with_dependants(tasks: Sequence[TaskChange]) -> list[TaskRef]:
    return [task.ref for task in tasks if task.has_dependants and task.status in TERMINAL]
