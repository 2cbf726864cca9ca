"""The end of a task reaches those that wait for it."""

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
        """Unblock tasks whose dependencies completed; fail those of which one failed."""
        ...


def resolve_ended(store: DependantsStore, changes: Changes) -> tuple[OutboxRow, ...]:
    """Unblock the dependants of completed tasks, fail those of the others, and theirs in turn.

    Gives all outbox rows, those of `changes` first. A statement per generation rather than one for
    the whole graph: each sees dependants that were enqueued meanwhile. What a lost database leaves
    undone, the reaper does.
    """
    outbox = [changes.outbox]
    ended = _with_dependants(changes.tasks)
    try:
        while ended:
            step = store.resolve_dependants(ended)
            outbox.append(step.outbox)
            ended = _with_dependants(step.tasks)
    except Unavailable:
        pass  # the end itself is committed; saying so is right, and the reaper goes on from here
    return tuple(chain.from_iterable(outbox))


def _with_dependants(tasks: Sequence[TaskChange]) -> list[TaskRef]:
    return [task.ref for task in tasks if task.has_dependants and task.status in TERMINAL]
