"""Callback endpoints and their deliveries, as their owners manage them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiwebhook.ports.commands import Page
from aiwebhook.ports.endpoints import (
    Actor,
    DeliveryFilter,
    DeliveryRow,
    DueDelivery,
    EndpointFields,
    EndpointRow,
)
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.keyset import keyset

_ONE = Page(limit=1)


class PostgresEndpointStore:
    """None means that the project has no such row, or that the guard did not hold. All
    methods raise Unavailable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert_endpoint(
        self, actor: Actor, *, endpoint_id: str, fields: EndpointFields
    ) -> EndpointRow:
        """Register an endpoint. `url` must be given, and the id must never have been used."""
        params = {**_params(actor, fields), "endpoint_id": endpoint_id}
        return self._database.only("insert_endpoint", params, EndpointRow)

    def list_endpoints(
        self, *, project_id: str, page: Page, endpoint_id: str | None = None
    ) -> list[EndpointRow]:
        """Endpoints, newest first."""
        params = {"project_id": project_id, "endpoint_id": endpoint_id, **keyset(page)}
        return self._database.rows("list_endpoints", params, EndpointRow)

    def find_endpoint(self, *, project_id: str, endpoint_id: str) -> EndpointRow | None:
        found = self.list_endpoints(project_id=project_id, page=_ONE, endpoint_id=endpoint_id)
        return found[0] if found else None

    def change_endpoint(
        self, actor: Actor, *, endpoint_id: str, fields: EndpointFields
    ) -> EndpointRow | None:
        """Change the given fields. `status` active also resets failures and closes
        the circuit breaker.
        """
        params = {**_params(actor, fields), "endpoint_id": endpoint_id, "status": fields.status}
        return self._database.row("change_endpoint", params, EndpointRow)

    def rotate_endpoint(
        self, actor: Actor, *, endpoint_id: str, overlap_s: int
    ) -> EndpointRow | None:
        """Replace the secret; None while an earlier rotation is under way."""
        params = {**_named(actor), "endpoint_id": endpoint_id, "overlap_s": overlap_s}
        return self._database.row("rotate_endpoint", params, EndpointRow)

    def delete_endpoint(self, actor: Actor, *, endpoint_id: str) -> bool:
        """Delete it with its deliveries."""
        params = {**_named(actor), "endpoint_id": endpoint_id}
        return self._database.run("delete_endpoint", params) == 1

    def ping_endpoint(
        self, *, project_id: str, endpoint_id: str, correlation_id: str
    ) -> DueDelivery | None:
        """A test event for this endpoint only; None when it is not active."""
        params = {
            "project_id": project_id,
            "endpoint_id": endpoint_id,
            "correlation_id": correlation_id,
        }
        return self._database.row("ping_endpoint", params, DueDelivery)

    def list_deliveries(
        self, *, project_id: str, wanted: DeliveryFilter, page: Page
    ) -> list[DeliveryRow]:
        """Deliveries, newest first."""
        params = {"project_id": project_id, **asdict(wanted), **keyset(page)}
        return self._database.rows("list_deliveries", params, DeliveryRow)

    def find_delivery(self, *, project_id: str, delivery_id: str) -> DeliveryRow | None:
        wanted = DeliveryFilter(delivery_id=delivery_id)
        found = self.list_deliveries(project_id=project_id, wanted=wanted, page=_ONE)
        return found[0] if found else None


def _named(actor: Actor) -> dict[str, Any]:
    return {"project_id": actor.project_id, "actor": actor.key_id}


def _params(actor: Actor, fields: EndpointFields) -> dict[str, Any]:
    types = fields.event_types
    return {
        **_named(actor),
        "url": fields.url,
        "description": fields.description,
        "event_types": None if types is None else list(types),
        "payload": fields.payload,
    }
