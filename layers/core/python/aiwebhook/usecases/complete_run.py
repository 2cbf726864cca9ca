"""The terminal write of a run that succeeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.plain_text import plain_line
from aiwebhook.domain.schema_faults import schema_faults
from aiwebhook.domain.spoken import spoken
from aiwebhook.domain.storable import storable
from aiwebhook.domain.usage import recorded
from aiwebhook.errors import Invalid, LeaseLost, MessagesWaiting
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

    Repeating it under the same lease gives the same answer and changes nothing. Raises LeaseLost;
    Invalid for an output that its agent's manifest does not promise; MessagesWaiting when a
    follow-up came that the run has not seen: then the task goes on running.
    """
    _check_output(store, lease, completion)
    changes = store.complete_run(lease, _clean(completion))
    if changes is None:
        outcome = store.attempt_outcome(lease)
        if outcome is None:
            _refuse_unseen(store, lease, completion)
        if outcome is None or outcome.attempt_status != "completed":
            raise LeaseLost(f"The lease on task {lease.task_id} is lost; its result was not taken.")
        return RunEnded(status=outcome.status)
    return RunEnded(status=changes.tasks[0].status, outbox=resolve_ended(store, changes))


def _check_output(store: RunStore, lease: RunLease, completion: Completion) -> None:
    # Without a schema the lease is lost, which the write itself finds out.
    schema = store.output_schema(lease) or {}
    faults = schema_faults(schema, completion.output, pointer="/output")
    if faults:
        raise Invalid(
            f"The output is not what the agent promises: {faults[0].pointer} {faults[0].message}.",
            code="output_invalid",
            remedy="Report the run as failed (bad_output), or correct the output.",
            errors=faults,
        )


def _refuse_unseen(store: RunStore, lease: RunLease, completion: Completion) -> None:
    seen = completion.messages_seen
    if seen is not None and store.run_messages(lease, after=seen):
        raise MessagesWaiting(
            f"A message to task {lease.task_id} came after number {seen}; the task goes on."
        )


def _clean(completion: Completion) -> Completion:
    """Storable, every memory with a key, one memory per key (the last one said)."""
    memories: dict[str, RunMemory] = {}
    for memory in completion.memories:
        key = plain_line(memory.key or "") or new_id("mem")
        memories.pop(key, None)
        memories[key] = RunMemory(
            key=key,
            type=plain_line(memory.type),
            content=storable(memory.content),
            tags=tuple(plain_line(tag) for tag in memory.tags),
            source=storable(memory.source),
        )
    return replace(
        completion,
        output=storable(completion.output),
        say=spoken(completion.say or "") or None,
        memories=tuple(memories.values()),
        forget=tuple(dict.fromkeys(plain_line(key) for key in completion.forget)),
        usage=recorded(completion.usage),
    )
