"""Reads the notifier's queues: raw CloudEvents of the topic, and messages that ring for retries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from aiwebhook.domain.lane import Lane
from aiwebhook.ports.deliveries import DueEvent


class _Message(BaseModel):
    """Either form; both name the event whose deliveries are due."""

    model_config = ConfigDict(extra="ignore")

    project_id: str = Field(validation_alias=AliasChoices("projectid", "project_id"), min_length=1)
    event_no: int = Field(validation_alias=AliasChoices("eventno", "event_no"), ge=1, lt=2**63)


def due_events(event: Mapping[str, Any]) -> tuple[dict[str, DueEvent], list[str]]:
    """Message id → event of an SQS batch, and the ids of messages that name no event.

    The latter are reported as failed, so that they end in the dead-letter queue, where
    people see them.
    """
    due: dict[str, DueEvent] = {}
    unreadable: list[str] = []
    for record in event.get("Records", ()):
        message_id = str(record["messageId"])
        try:
            message = _Message.model_validate_json(record["body"])
        except ValidationError:
            unreadable.append(message_id)
        else:
            due[message_id] = DueEvent(project_id=message.project_id, event_no=message.event_no)
    return due, unreadable


def lane_of(event: Mapping[str, Any], *, retry_queue_url: str) -> Lane:
    """The lane of an SQS batch: a batch comes from one queue, which each of its records names."""
    name = retry_queue_url.rpartition("/")[2]
    sources = {str(record["eventSourceARN"]).rpartition(":")[2] for record in event["Records"]}
    return Lane.RETRY if sources == {name} else Lane.FIRST
