"""The `EndpointStore` port on Postgres; each method runs the statement of its name."""

from __future__ import annotations

from typing import Any

from aiwebhook.ports.commands import Page
from aiwebhook.ports.endpoints import Actor, DeliveryFilter, DueDelivery, EndpointFields, Json
from aiwebhook.postgres.command_ledger import keyset
from aiwebhook.postgres.database import Database

_ONE = Page(limit=1)


class PostgresEndpointStore:
    """Implements ports.endpoints.EndpointStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert_endpoint(self, actor: Actor, *, endpoint_id: str, fields: EndpointFields) -> Json:
        """Register."""
        params = {**_params(actor, fields), "endpoint_id": endpoint_id}
        return self._database.dicts("insert_endpoint", params)[0]

    def list_endpoints(self, *, project_id: str, page: Page) -> list[Json]:
        """Newest first."""
        params = {"project_id": project_id, "endpoint_id": None, **keyset(page)}
        return self._database.dicts("list_endpoints", params)

    def find_endpoint(self, *, project_id: str, endpoint_id: str) -> Json | None:
        """One endpoint."""
        params = {"project_id": project_id, "endpoint_id": endpoint_id, **keyset(_ONE)}
        return _first(self._database.dicts("list_endpoints", params))

    def change_endpoint(
        self, actor: Actor, *, endpoint_id: str, fields: EndpointFields
    ) -> Json | None:
        """Change what is given."""
        params = {**_params(actor, fields), "endpoint_id": endpoint_id, "status": fields.status}
        return _first(self._database.dicts("change_endpoint", params))

    def rotate_endpoint(self, actor: Actor, *, endpoint_id: str, overlap_s: int) -> Json | None:
        """The next secret."""
        params = {**_named(actor), "endpoint_id": endpoint_id, "overlap_s": overlap_s}
        return _first(self._database.dicts("rotate_endpoint", params))

    def delete_endpoint(self, actor: Actor, *, endpoint_id: str) -> bool:
        """Remove with its deliveries."""
        params = {**_named(actor), "endpoint_id": endpoint_id}
        return bool(self._database.dicts("delete_endpoint", params))

    def ping_endpoint(
        self, *, project_id: str, endpoint_id: str, correlation_id: str
    ) -> DueDelivery | None:
        """A test event for this endpoint alone."""
        params = {
            "project_id": project_id,
            "endpoint_id": endpoint_id,
            "correlation_id": correlation_id,
        }
        return self._database.row("ping_endpoint", params, DueDelivery)

    def list_deliveries(self, *, project_id: str, wanted: DeliveryFilter, page: Page) -> list[Json]:
        """Newest first."""
        params = {
            "project_id": project_id,
            "delivery_id": None,
            "endpoint_id": wanted.endpoint_id,
            "task_id": wanted.task_id,
            "status": wanted.status,
            **keyset(page),
        }
        rows = self._database.dicts("list_deliveries", params)
        for row in rows:
            del row["log"]
        return rows

    def find_delivery(self, *, project_id: str, delivery_id: str) -> Json | None:
        """One delivery with its log."""
        params = {
            "project_id": project_id,
            "delivery_id": delivery_id,
            "endpoint_id": None,
            "task_id": None,
            "status": None,
            **keyset(_ONE),
        }
        return _first(self._database.dicts("list_deliveries", params))


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


def _first(rows: list[Json]) -> Json | None:
    return rows[0] if rows else None
