"""Callback endpoints and their deliveries, as their owners see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who makes a change, for the audit log: an API key in its project."""

    project_id: str
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFields:
    """What the owner of an endpoint chooses; None leaves a field as it is."""

    url: str | None = None
    description: str | None = None
    event_types: Sequence[str] | None = None
    payload: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries; None does not restrict."""

    delivery_id: str | None = None
    endpoint_id: str | None = None
    task_id: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDelivery:
    """A delivery that may be sent now; ring the notifier with its event."""

    delivery_id: str
    event_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRow:
    """Where callbacks of a project go; its secret is derived from id and version."""

    endpoint_id: str
    url: str
    description: str | None
    event_types: Sequence[str]
    payload: str
    status: str
    disabled_reason: str | None
    secret_version: int
    previous_secret_until: datetime | None
    failures: int
    breaker_open_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A callback, sent or pending; `log` has one entry per attempt, None in a list."""

    delivery_id: str
    event_no: int
    event_type: str
    task_id: str | None
    endpoint_id: str | None
    url: str
    status: str
    attempts: int
    next_attempt_at: datetime | None
    log: Sequence[dict[str, Any]] | None
    created_at: datetime
    delivered_at: datetime | None
