"""Notifier: sends the signed callbacks of an event, first attempts and retries alike."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from aiwebhook.usecases.deliver_callback import NotifierServices, deliver_callbacks
from aiwebhook.wiring.notifier import notifier_services
from notifier.messages import due_events
from notifier.settings import NotifierSettings

settings = NotifierSettings.from_env()
logger = Logger(service=settings.service, level=settings.log_level)
metrics = Metrics(namespace=settings.metrics_namespace, service=settings.service)


@cache
def services() -> NotifierServices:
    """Made at the first message."""
    return notifier_services(settings)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Attempt what is due once; what could not be looked at comes again, or ends in the DLQ."""
    due, again = due_events(event)
    report = deliver_callbacks(due.values(), services())
    for attempt in report.attempts:
        logger.info("callback attempted", extra=asdict(attempt))
        metrics.add_metric("CallbackSeconds", MetricUnit.Seconds, attempt.age_s)
        metrics.add_metric(f"callbacks_{attempt.action}", MetricUnit.Count, 1)
    again += [message_id for message_id, event in due.items() if event in report.failed]
    metrics.add_metric("messages_given_back", MetricUnit.Count, len(again))
    if again:
        logger.warning("messages given back", extra={"count": len(again)})
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
