"""SNS: completion events as CloudEvents 1.0, for the notifier and any other subscriber."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from aiwebhook.aws.signed_request import AwsClient, AwsDenied, AwsRefused, aws_refusal
from aiwebhook.clock import rfc3339
from aiwebhook.ports.messaging import Event, MessageRefused

_API = "2010-03-31"
_BATCH = 10  # entries
_BYTES = 250_000  # of SNS's 262,144 for a whole batch; the rest is for attributes
_DATA_BYTES = 200_000  # one event's data; larger is left out and fetched from the event log


def cloud_event(event: Event) -> dict[str, Any]:
    """CloudEvents 1.0 JSON of an event.

    `eventno` is text: CloudEvents integers have 32 bits. Data above 200 kB is left out and
    `dataref` says where to read it, because SNS refuses more than 256 KiB and a refused event would
    never leave the outbox.
    """
    document: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.event_id,
        "source": f"aiwebhook/{event.project_id}",
        "type": event.type,
        "subject": event.task_id or event.session_id,
        "time": rfc3339(event.created_at),
        "datacontenttype": "application/json",
        "projectid": event.project_id,
        "sessionid": event.session_id,
        "seq": event.seq,
        "taskid": event.task_id,
        "eventno": str(event.event_no),
        "correlationid": event.correlation_id,
        "data": event.data,
    }
    if len(json.dumps(event.data).encode()) > _DATA_BYTES:
        del document["data"]
        if event.session_id is not None and event.seq is not None:
            after = event.seq - 1
            document["dataref"] = (
                f"/v1/sessions/{event.session_id}/events?after_seq={after}&limit=1"
            )
    return {name: value for name, value in document.items() if value is not None}


class SnsPublisher:
    """EventPublisher. Publishing an event twice is allowed: receivers tell by its id."""

    def __init__(self, client: AwsClient, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, events: Sequence[Event]) -> None:
        """Publish all; raise Unavailable, or MessageRefused when waiting will not help."""
        for batch in _batches([(event, json.dumps(cloud_event(event))) for event in events]):
            try:
                self._publish_batch(batch) if len(batch) > 1 else self._publish_one(*batch[0])
            except AwsRefused as exc:
                if exc.throttled or exc.status >= 500 or isinstance(exc, AwsDenied):
                    raise  # the event itself is good, and stays in the outbox
                raise MessageRefused(exc.detail) from exc

    def _publish_one(self, event: Event, message: str) -> None:
        fields = {"TopicArn": self._topic_arn, **_entry("", event, message)}
        self._client.query("Publish", _API, fields)

    def _publish_batch(self, batch: Sequence[tuple[Event, str]]) -> None:
        fields = {"TopicArn": self._topic_arn}
        for number, (event, message) in enumerate(batch, start=1):
            prefix = f"PublishBatchRequestEntries.member.{number}."
            fields[f"{prefix}Id"] = str(number)
            fields |= _entry(prefix, event, message)
        answer = self._client.query("PublishBatch", _API, fields)
        failed = answer.partition("<Failed>")[2].partition("</Failed>")[0]
        codes = re.findall(r"<Code>([^<]*)</Code>", failed)
        if codes:  # HTTP 200 all the same
            raise aws_refusal("sns", "PublishBatch", 200, {"code": codes[0]})


def _entry(prefix: str, event: Event, message: str) -> dict[str, str]:
    attributes = {"type": event.type, "project_id": event.project_id}
    agent_name = event.data.get("agent_name")
    if isinstance(agent_name, str) and agent_name:
        attributes["agent_name"] = agent_name
    # The group goes on to the notifier's queue, where it lets no project hold up the others.
    fields = {f"{prefix}Message": message, f"{prefix}MessageGroupId": event.project_id}
    for number, (name, value) in enumerate(attributes.items(), start=1):
        entry = f"{prefix}MessageAttributes.entry.{number}."
        fields[f"{entry}Name"] = name
        fields[f"{entry}Value.DataType"] = "String"
        fields[f"{entry}Value.StringValue"] = value
    return fields


def _batches(messages: Sequence[tuple[Event, str]]) -> Iterator[list[tuple[Event, str]]]:
    batch: list[tuple[Event, str]] = []
    size = 0
    for event, message in messages:
        length = len(message.encode()) + 500
        if batch and (len(batch) == _BATCH or size + length > _BYTES):
            yield batch
            batch, size = [], 0
        batch.append((event, message))
        size += length
    if batch:
        yield batch
