"""Ends a run without success: it failed, was cancelled, or releases its task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from aiwebhook.domain.attempt import RELEASED, AttemptVerdict, FailureReport, decide_failure
from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.plain_text import plain_text
from aiwebhook.domain.storable import storable
from aiwebhook.domain.usage import recorded
from aiwebhook.errors import LeaseLost
from aiwebhook.ports.queue_rows import Remains
from aiwebhook.usecases.resolve_ended import resolve_ended
from aiwebhook.usecases.run_ended import RunEnded

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore


def fail_run(
    store: PostgresQueueStore,
    lease: RunLease,
    report: FailureReport,
    *,
    random: Callable[[], float],
) -> RunEnded:
    """Retry later, fail or cancel the task. `random` in [0, 1) gives the jitter. May be
    repeated. Raises LeaseLost.
    """
    clean = replace(
        report,
        message=plain_text(report.message),
        remedy=None if report.remedy is None else plain_text(report.remedy),
    )
    remains = Remains(
        output=storable(report.output),
        usage=recorded(report.usage),
        exit_code=report.exit_code,
        notes=report.notes,
    )
    return _end(store, lease, decide_failure(clean), remains, random())


def release_run(store: PostgresQueueStore, lease: RunLease) -> RunEnded:
    """Put the task back without charging an attempt; it keeps its place in the
    queue. Raises LeaseLost.
    """
    return _end(store, lease, RELEASED, Remains(), 0.0)


def _end(
    store: PostgresQueueStore,
    lease: RunLease,
    verdict: AttemptVerdict,
    remains: Remains,
    random: float,
) -> RunEnded:
    changes = store.end_attempt(
        lease, verdict, from_statuses=("running",), remains=remains, random=random
    )
    if changes is None:
        outcome = store.attempt_outcome(lease)
        if outcome is None or outcome.attempt_status != verdict.attempt_status:
            raise LeaseLost(f"The lease on task {lease.task_id} is lost; the report was not taken.")
        return RunEnded(status=outcome.status)
    return RunEnded(status=changes.tasks[0].status, outbox=resolve_ended(store, changes))
