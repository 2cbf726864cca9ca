"""Reaper: every minute, and at once when a run's container stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from aiwebhook import cold_start, observability
from aiwebhook.clock import utc_now
from aiwebhook.domain.stopped_run import StoppedRun
from aiwebhook.errors import Unavailable
from aiwebhook.settings.reaper import ReaperSettings
from aiwebhook.usecases.reap import end_stopped_run, reap
from aiwebhook.usecases.retain import retain
from aiwebhook.usecases.start_by_rules import start_due
from aiwebhook.usecases.stop_runs import stop_runs
from aiwebhook.usecases.sweep_blobs import sweep_blobs
from aiwebhook.usecases.watch_feed import watch_feed
from aiwebhook.wiring.reaper import wire_reaper
from reaper.ecs_event import stopped_runs

reaper = wire_reaper(ReaperSettings.from_env())
cold_start.imported()
MIN_LEFT_MS = 20_000
"""A page of the sweep takes a few seconds; the tick itself must not run into the timeout."""

RETENTION_MS = 10_000
"""Of each tick: a day has 1,440 of them."""


def has_time(context: LambdaContext) -> bool:
    """Whether there is time to begin another step."""
    return context.get_remaining_time_in_millis() > MIN_LEFT_MS


def reaped(_context: LambdaContext) -> dict[str, int]:
    """Recover tasks, wake-ups, events and callbacks; measure the log."""
    return reap(reaper.services).as_dict() | watch_feed(reaper.services.store).as_dict()


def stopped(context: LambdaContext) -> dict[str, int]:
    """Stop the containers of runs without a lease."""
    return stop_runs(reaper.runs, reaper.stopper, has_time=lambda: has_time(context)).as_dict()


def retained(context: LambdaContext) -> dict[str, int]:
    """Delete expired data, for a few seconds per tick."""
    enough = max(context.get_remaining_time_in_millis() - RETENTION_MS, MIN_LEFT_MS)
    store = reaper.services.store
    return retain(store, has_time=lambda: context.get_remaining_time_in_millis() > enough).as_dict()


def swept(context: LambdaContext) -> dict[str, int]:
    """Sweep the blob store. If it is unavailable, the tick still succeeds and the
    next one continues.
    """
    try:
        return sweep_blobs(
            reaper.sweep,
            reaper.versions,
            now=utc_now(),
            has_time=lambda: has_time(context),
        ).as_dict()
    except Unavailable as error:
        observability.warning("sweep of the blob store left to the next tick", code=error.code)
        return {}


def started(context: LambdaContext) -> dict[str, int]:
    """Evaluate rules of deliveries that no other function has evaluated."""
    return start_due(reaper.rules, has_time=lambda: has_time(context)).as_dict()


def unless_locked(
    step: Callable[[LambdaContext], dict[str, int]], context: LambdaContext
) -> dict[str, int]:
    """The counts of a step; none if it met a lock, and the next tick continues."""
    counts = reaper.services.store.unless_locked(partial(step, context))
    if counts is None:
        observability.warning("step left to the next tick", step=step.__name__)
        return {}
    return counts


def end_runs(stops: Mapping[str, StoppedRun | None], context: LambdaContext) -> dict[str, Any]:
    """Returns the messages to deliver again because the database was unavailable; they end as dead
    letters if it stays so. A message about no run of ours counts as done.
    """
    again: list[str] = []
    for message_id, stop in stops.items():
        if stop is None:
            continue
        observability.begin(function_request_id=context.aws_request_id, attempt_id=stop.attempt_id)
        try:
            counts = end_stopped_run(reaper.services, stop).as_dict()
        except Unavailable as error:
            observability.warning("stopped run comes again", code=error.code)
            again.append(message_id)
        else:
            observability.info("stopped run seen", **counts)
            observability.measure(counts)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """For a tick: returns the counts of what was recovered; raises when the database is
    unavailable, and the next tick continues. For a batch of stopped runs: returns the messages
    to deliver again.
    """
    stops = stopped_runs(event)
    if stops is not None:
        return end_runs(stops, context)
    observability.begin(function_request_id=context.aws_request_id)
    counts: dict[str, int] = {}
    for step in (reaped, started, stopped, retained, swept):
        counts |= unless_locked(step, context)
    observability.info("reaped", **counts)
    observability.measure(counts)
    return counts
