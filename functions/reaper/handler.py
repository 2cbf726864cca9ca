"""Reaper: every minute, and at once when a run's container stopped."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from aiwebhook import observability
from aiwebhook.usecases.reap import ReaperServices, end_stopped_run, reap
from aiwebhook.wiring.reaper import reaper_services
from reaper.ecs_event import stopped_run
from reaper.settings import ReaperSettings

settings = ReaperSettings.from_env()
observability.configure(
    service=settings.service, level=settings.log_level, namespace=settings.metrics_namespace
)


@cache
def services() -> ReaperServices:
    """Made at the first event."""
    return reaper_services(settings)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """The counts of what was put right; raises when the database is away, the next tick goes on."""
    stop = stopped_run(event)
    observability.begin(
        function_request_id=context.aws_request_id, attempt_id=stop.attempt_id if stop else None
    )
    counts = end_stopped_run(services(), stop).as_dict() if stop else reap(services()).as_dict()
    observability.info("stopped run seen" if stop else "reaped", **counts)
    observability.measure(counts)
    return counts
