"""Port to callback endpoints and their deliveries, as their owners manage them.

None: no such thing in this project, or the guard did not hold. All methods raise Unavailable when
the store is away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from aiwebhook.ports.commands import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who changes something, for the audit log: an API key in its project."""

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


class EndpointStore(Protocol):
    """Endpoints and deliveries."""

    def insert_endpoint(
        self, actor: Actor, *, endpoint_id: str, fields: EndpointFields
    ) -> EndpointRow:
        """Register; `url` is given, and the id was never used before."""
        ...

    def list_endpoints(self, *, project_id: str, page: Page) -> list[EndpointRow]:
        """Newest first."""
        ...

    def find_endpoint(self, *, project_id: str, endpoint_id: str) -> EndpointRow | None:
        """One endpoint."""
        ...

    def change_endpoint(
        self, actor: Actor, *, endpoint_id: str, fields: EndpointFields
    ) -> EndpointRow | None:
        """Change what is given. `status` active also forgets failures and closes the breaker."""
        ...

    def rotate_endpoint(
        self, actor: Actor, *, endpoint_id: str, overlap_s: int
    ) -> EndpointRow | None:
        """The next secret; None while an earlier rotation is under way."""
        ...

    def delete_endpoint(self, actor: Actor, *, endpoint_id: str) -> bool:
        """Remove with its deliveries."""
        ...

    def ping_endpoint(
        self, *, project_id: str, endpoint_id: str, correlation_id: str
    ) -> DueDelivery | None:
        """A test event for this endpoint alone; None when it is not active."""
        ...

    def list_deliveries(
        self, *, project_id: str, wanted: DeliveryFilter, page: Page
    ) -> list[DeliveryRow]:
        """Newest first."""
        ...

    def find_delivery(self, *, project_id: str, delivery_id: str) -> DeliveryRow | None:
        """One delivery."""
        ...
