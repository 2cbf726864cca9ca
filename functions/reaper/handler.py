"""Reaper: every minute, and at once when a run's container stopped."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from aiwebhook.usecases.reap import ReaperServices, end_stopped_run, reap
from aiwebhook.wiring.reaper import reaper_services
from reaper.ecs_event import stopped_run
from reaper.settings import ReaperSettings

settings = ReaperSettings.from_env()
logger = Logger(service=settings.service, level=settings.log_level)
metrics = Metrics(namespace=settings.metrics_namespace, service=settings.service)


@cache
def services() -> ReaperServices:
    """Made at the first event."""
    return reaper_services(settings)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """The counts of what was put right; raises when the database is away, the next tick goes on."""
    stop = stopped_run(event)
    counts = end_stopped_run(services(), stop).as_dict() if stop else reap(services()).as_dict()
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)
    logger.info("stopped run seen" if stop else "reaped", extra=counts)
    return counts
