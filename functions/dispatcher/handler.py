"""Dispatcher: a message of an agent's queue means "look for tasks"; claims tasks and
starts their runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,  # pyright: ignore[reportUnknownVariableType] - a handler may return anything
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from aiwebhook import cold_start, observability
from aiwebhook.settings.dispatcher import DispatcherSettings
from aiwebhook.usecases.launch_run import LaunchedRun, dispatch_tasks
from aiwebhook.wiring.dispatcher import wire_dispatcher
from dispatcher.messages import WakeUp

MARGIN_S = 15.0  # the last launch of a dispatch may be slow, and the answer must still go out

services = wire_dispatcher(DispatcherSettings.from_env())
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
cold_start.imported()


def _look(record: SQSRecord, time_left: Callable[[], float]) -> tuple[LaunchedRun, ...]:
    try:
        look = WakeUp.model_validate_json(record.body)
        return dispatch_tasks(
            services,
            project_id=look.project_id,
            agent_name=look.agent_name,
            watch_s=look.watch_s,
            time_left=time_left,
        )
    except Exception as error:
        observability.exception("look failed; the message comes again", error)
        raise


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Dispatch once per message; a message that failed is delivered again."""

    def time_left() -> float:
        return context.get_remaining_time_in_millis() / 1000 - MARGIN_S

    def look(record: SQSRecord) -> None:
        for run in _look(record, time_left):
            message = "run launched" if run.launched else "run not launched"
            observability.info(message, **run.as_log())
            observability.count(f"runs_{run.outcome}")

    observability.begin(function_request_id=context.aws_request_id)
    return process_partial_response(event, look, processor, context)
