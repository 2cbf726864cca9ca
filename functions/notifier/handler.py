"""Notifier: sends the signed callbacks of an event, first attempts and retries alike."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from aiwebhook import cold_start, observability
from aiwebhook.settings.notifier import NotifierSettings
from aiwebhook.usecases.deliver_callback import deliver_callbacks
from aiwebhook.wiring.notifier import wire_notifier
from notifier.messages import due_events, lane_of

settings = NotifierSettings.from_env()
services = wire_notifier(settings)
cold_start.imported()


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Attempt each due delivery once; returns the messages to deliver again, which end in the DLQ
    if they keep failing.
    """
    observability.begin(function_request_id=context.aws_request_id)
    due, again = due_events(event)
    lane = lane_of(event, retry_queue_url=settings.notifier_queue_url)
    report = deliver_callbacks(due.values(), services, lane)
    for attempt in report.attempts:
        observability.info("callback attempted", **asdict(attempt))
        age = {"callback_age_ms": 1000 * attempt.age_s}
        observability.measure({f"callbacks_{attempt.action}": 1}, ms=age)
    if report.blocked:
        observability.warning("callbacks blocked", count=report.blocked)
        observability.count("callbacks_blocked", report.blocked)
    again += [message_id for message_id, event in due.items() if event in report.failed]
    if again:
        observability.warning("messages given back", count=len(again))
        observability.count("messages_given_back", len(again))
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
