"""Ports to SQS and SNS: both carry hints; Postgres is the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from aiwebhook.errors import Unavailable


class MessageRefused(Unavailable):
    """The service is available, but refuses this one message: others may still succeed."""

    code = "message_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the event log (docs/wire.md)."""

    event_no: int
    event_id: str
    project_id: str
    session_id: str | None
    seq: int | None
    type: str
    task_id: str | None
    data: dict[str, Any]
    correlation_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """A committed effect that must still be pushed. Kind `wake`: ring the queue of `destination`
    after `delay_s`; `room`: ring it if it has a ready task (post_outbox checks); `publish`: publish
    `event`. Without an id there is no stored row: if the message is lost, the reaper's tick makes
    up for it.
    """

    outbox_id: int | None
    project_id: str
    kind: str
    destination: str | None = None
    event: Event | None = None
    delay_s: int = 0


class Waker(Protocol):
    """Rings an agent's queue: "look", never "do this"."""

    def wake(self, *, project_id: str, agent_name: str, delay_s: int = 0, watch_s: int = 0) -> None:
        """Send one wake-up, to arrive after `delay_s` (0–900 s); none for an agent without a queue
        (worker mode). For `watch_s` seconds more, its receiver rings again for each task that falls
        due. Raises Unavailable.
        """
        ...


class EventPublisher(Protocol):
    """Publishes completion events (SNS, CloudEvents 1.0)."""

    def publish(self, events: Sequence[Event]) -> None:
        """Publish all. Raises Unavailable; MessageRefused when retrying will not help.

        Publishing twice is allowed: receivers deduplicate by the event id.
        """
        ...


class DeliveryRinger(Protocol):
    """Rings the notifier's queue for callbacks that are due."""

    def ring(self, *, project_id: str, event_no: int, delay_s: int = 0) -> None:
        """Ask for the deliveries of one event to be attempted after `delay_s` (0–900
        s). Raises Unavailable.
        """
        ...
