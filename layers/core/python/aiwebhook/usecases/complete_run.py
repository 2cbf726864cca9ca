"""The terminal write of a run that succeeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.storable import storable, storable_text
from aiwebhook.errors import LeaseLost
from aiwebhook.ids import new_id
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.queue import RunStore
from aiwebhook.ports.queue_rows import Completion, RunMemory
from aiwebhook.usecases.resolve_ended import resolve_ended


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """What became of the task: completed, failed, cancelled, or pending again."""

    status: str
    outbox: Sequence[OutboxRow] = ()


def complete_run(store: RunStore, lease: RunLease, completion: Completion) -> RunEnded:
    """Task, result, memories, events, callbacks in one commit; then those that waited for it.

    Repeating it under the same lease gives the same answer and changes nothing. Raises LeaseLost.
    """
    changes = store.complete_run(lease, _clean(completion))
    if changes is None:
        outcome = store.attempt_outcome(lease)
        if outcome is None or outcome.attempt_status != "completed":
            raise LeaseLost(f"The lease on task {lease.task_id} is lost; its result was not taken.")
        return RunEnded(status=outcome.status)
    return RunEnded(status=changes.tasks[0].status, outbox=resolve_ended(store, changes))


def _clean(completion: Completion) -> Completion:
    """Storable, every memory with a key, one memory per key (the last one said)."""
    memories: dict[str, RunMemory] = {}
    for memory in completion.memories:
        key = storable_text(memory.key or new_id("mem"))
        memories.pop(key, None)
        memories[key] = RunMemory(
            key=key,
            type=storable_text(memory.type),
            content=storable(memory.content),
            tags=tuple(storable_text(tag) for tag in memory.tags),
            source=storable(memory.source),
        )
    return replace(
        completion,
        output=storable(completion.output),
        say=None if completion.say is None else storable_text(completion.say),
        memories=tuple(memories.values()),
        forget=tuple(dict.fromkeys(storable_text(key) for key in completion.forget)),
        usage=storable(completion.usage),
    )
