"""The terminal write of runs that succeeded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aiwebhook.domain.attempt import ErrorClass, FailureReport
from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.plain_text import plain_line
from aiwebhook.domain.say_text import say_text
from aiwebhook.domain.schema_faults import schema_faults
from aiwebhook.domain.storable import storable
from aiwebhook.domain.usage import recorded
from aiwebhook.errors import AiWebhookError, FieldError, LeaseLost, MessagesWaiting
from aiwebhook.ids import new_id
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.queue_rows import AttemptOutcome, Completion, Json, RunMemory
from aiwebhook.ports.run_reports import CompletedRuns, RunReport
from aiwebhook.usecases.fail_run import fail_run
from aiwebhook.usecases.resolve_ended import resolve_ended
from aiwebhook.usecases.run_ended import RunEnded

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore

_FAULTS_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsEnded:
    """What each report led to, in order; `outbox` has the rows of all of them."""

    outcomes: Sequence[RunEnded | AiWebhookError]
    outbox: Sequence[OutboxRow] = ()


def complete_run(
    store: PostgresQueueStore,
    lease: RunLease,
    completion: Completion,
    *,
    random: Callable[[], float] = lambda: 0.5,
) -> RunEnded:
    """`complete_runs` for one report; raises its error."""
    ended = complete_runs(store, [RunReport(lease=lease, completion=completion)], random=random)
    (outcome,) = ended.outcomes
    if isinstance(outcome, AiWebhookError):
        raise outcome
    return replace(outcome, outbox=ended.outbox)


def complete_runs(
    store: PostgresQueueStore,
    reports: Sequence[RunReport],
    *,
    random: Callable[[], float] = lambda: 0.5,
) -> RunsEnded:
    """Write task, result, memories, events and callbacks in one commit for all reports, then
    resolve the tasks that depend on them. A report that is refused does not affect the others.

    An output that breaks the agent's output_schema becomes a failure, bad_output, which keeps the
    output. Repeating a report under the same lease returns the same answer and changes nothing. The
    error of a report is LeaseLost; or MessagesWaiting when a follow-up arrived that the run has not
    seen: its task keeps running. Raises Unavailable.
    """
    # Without a manifest the lease is lost; the write itself finds that out.
    schemas = store.run_output_schemas([report.lease for report in reports])
    checked = [_checked(schemas.get(report.lease, {}), report) for report in reports]
    good = [replace(one, completion=_clean(one.completion)) for one, bad in checked if not bad]
    completed = store.complete_runs(good)
    outbox = list(resolve_ended(store, completed.changes))
    outcomes: list[RunEnded | AiWebhookError] = []
    for report, faults in checked:
        try:
            ended = _ended(store, completed, report, faults, random=random)
        except (LeaseLost, MessagesWaiting) as refusal:
            outcomes.append(refusal)
        else:
            outcomes.append(ended)
            outbox += ended.outbox
    return RunsEnded(outcomes=outcomes, outbox=outbox)


def _ended(
    store: PostgresQueueStore,
    completed: CompletedRuns,
    report: RunReport,
    faults: Sequence[FieldError],
    *,
    random: Callable[[], float],
) -> RunEnded:
    """The outcome of one report; outbox rows of its dependants are already in `completed`."""
    lease = report.lease
    if lease in completed.leases:
        return RunEnded(status="completed")
    if faults:
        _refuse_unseen(store, report)
        return fail_run(store, lease, _bad_output(report.completion, faults), random=random)
    outcome = store.attempt_outcome(lease)
    if outcome is None:
        _refuse_unseen(store, report)
    if outcome is None or not _is_answer(outcome):
        raise LeaseLost(f"The lease on task {lease.task_id} is lost; its result was not taken.")
    return RunEnded(status=outcome.status)


def _checked(schema: Json, report: RunReport) -> tuple[RunReport, tuple[FieldError, ...]]:
    completion = report.completion
    try:
        return report, schema_faults(schema, completion.output, pointer="/output")
    except Exception as error:  # noqa: BLE001 - a $ref that leads nowhere, a number no float holds: the library raises what it likes
        message = f"could not be checked against the agent's output_schema: {error!r:.200}"
        notes = [*(completion.notes or ()), {"pointer": "/output", "message": message}]
        return replace(report, completion=replace(completion, notes=notes)), ()


def _is_answer(outcome: AttemptOutcome) -> bool:
    """Whether this attempt was ended by this very report, whose answer was lost."""
    refused = outcome.error_class == ErrorClass.BAD_OUTPUT and outcome.attempt_status == "failed"
    return refused or outcome.attempt_status == "completed"


def _bad_output(completion: Completion, faults: Sequence[FieldError]) -> FailureReport:
    listed = "; ".join(f"{fault.pointer} {fault.message}" for fault in faults[:_FAULTS_SHOWN])
    lost = len(completion.memories) + len(completion.forget)
    notes = list(completion.notes or ())
    if lost:
        message = "were not carried out, because the output was refused."
        notes.append({"pointer": "/memories", "message": f"{lost} changes of memories {message}"})
    return FailureReport(
        error_class=ErrorClass.BAD_OUTPUT,
        message=f"The output is not what the agent promises: {listed}.",
        exit_code=completion.exit_code,
        usage=completion.usage,
        output=completion.output,
        notes=notes or None,
    )


def _refuse_unseen(store: PostgresQueueStore, report: RunReport) -> None:
    lease, seen = report.lease, report.completion.messages_seen
    if seen is not None and store.run_messages(lease, after=seen):
        raise MessagesWaiting(
            f"A message to task {lease.task_id} came after number {seen}; the task goes on."
        )


def _clean(completion: Completion) -> Completion:
    """Storable memories, each with a key; of several with one key, the last."""
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
        say=say_text(completion.say or "") or None,
        memories=tuple(memories.values()),
        forget=tuple(dict.fromkeys(plain_line(key) for key in completion.forget)),
        usage=recorded(completion.usage),
    )
