"""SQS: wake-ups of the dispatcher. A message says "look", never "do this"."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from aiwebhook.aws.signed_request import AwsClient

MAX_DELAY_S = 900  # the longest delay SQS knows
CorrelationSource = Callable[[], str | None]


class _Sender:
    """SendMessage, grouped by project: fair queues let no project hold up the others."""

    def __init__(self, client: AwsClient, correlation_id: CorrelationSource | None) -> None:
        self._client = client
        self._correlation_id = correlation_id

    def send(
        self, queue_url: str, body: Mapping[str, Any], *, project_id: str, delay_s: int
    ) -> None:
        message: dict[str, Any] = {
            "QueueUrl": queue_url,
            "MessageBody": json.dumps(body, separators=(",", ":")),
            "MessageGroupId": project_id,
        }
        if delay_s > 0:
            message["DelaySeconds"] = min(delay_s, MAX_DELAY_S)
        correlation_id = self._correlation_id() if self._correlation_id is not None else None
        if correlation_id:
            message["MessageAttributes"] = {
                "correlation_id": {"DataType": "String", "StringValue": correlation_id}
            }
        self._client.json("AmazonSQS.SendMessage", message, version="1.0")


class SqsWaker:
    """Waker: one queue per agent type, shared by all projects."""

    def __init__(
        self,
        client: AwsClient,
        queues: Mapping[str, str],
        *,
        correlation_id: CorrelationSource | None = None,
    ) -> None:
        """`queues` is agent name → queue URL."""
        self._sender = _Sender(client, correlation_id)
        self._queues = queues

    def wake(self, *, project_id: str, agent_name: str, delay_s: int = 0, watch_s: int = 0) -> None:
        """Send one wake-up. Raises Unavailable. An agent without a queue is a no-op."""
        queue_url = self._queues.get(agent_name)
        if queue_url is not None:
            body: dict[str, str | int] = {"project_id": project_id, "agent_name": agent_name}
            if watch_s > 0:
                body["watch_s"] = watch_s
            self._sender.send(queue_url, body, project_id=project_id, delay_s=delay_s)


class SqsDeliveryRinger:
    """DeliveryRinger: the notifier's queue."""

    def __init__(
        self, client: AwsClient, queue_url: str, *, correlation_id: CorrelationSource | None = None
    ) -> None:
        self._sender = _Sender(client, correlation_id)
        self._queue_url = queue_url

    def ring(self, *, project_id: str, event_no: int, delay_s: int = 0) -> None:
        """Ask for the deliveries of one event after `delay_s` seconds, at most
        900. Raises Unavailable.
        """
        body = {"project_id": project_id, "event_no": event_no}
        self._sender.send(self._queue_url, body, project_id=project_id, delay_s=delay_s)
