"""Callback endpoints: register, change, rotate secrets, ping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.egress import EgressRefused, parse_target
from aiwebhook.domain.signature import SECRET_OVERLAP_S, CallbackKeys
from aiwebhook.domain.view import view
from aiwebhook.errors import Conflict, FieldError, Invalid, NotFound
from aiwebhook.ids import new_id
from aiwebhook.ports.endpoints import Actor, DueDelivery, EndpointFields, EndpointRow
from aiwebhook.ports.messaging import DeliveryRinger

if TYPE_CHECKING:
    from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
    from aiwebhook.postgres.endpoint_store import PostgresEndpointStore

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointServices:
    """The dependencies of managing endpoints. `allow_loopback` is true in the local stack only."""

    store: PostgresEndpointStore
    deliveries: PostgresDeliveryStore
    keys: CallbackKeys
    ringer: DeliveryRinger
    allow_loopback: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeliveredMany:
    """How many callbacks are queued again; `complete` false: there are more."""

    redelivered: int
    complete: bool


REDELIVERED_AT_ONCE = 100
"""Each is sent to the notifier as a message: this many take about a second."""


def register_endpoint(services: EndpointServices, actor: Actor, fields: EndpointFields) -> Json:
    """Create the endpoint; returns it with its secret. Raises Invalid for an address that callbacks
    must not go to. Ids are never reused: secrets are derived from them, so a second endpoint of the
    same id would have the secret of the first.
    """
    check_url(services, fields.url or "")
    made = services.store.insert_endpoint(actor, endpoint_id=new_id("ep"), fields=fields)
    return _with_secret(services, made)


def change_endpoint(
    services: EndpointServices, actor: Actor, *, endpoint_id: str, fields: EndpointFields
) -> EndpointRow:
    """Change the endpoint and return it. Enabling it releases deliveries that were held.
    Raises Invalid, NotFound.
    """
    if fields.url is not None:
        check_url(services, fields.url)
    changed = services.store.change_endpoint(actor, endpoint_id=endpoint_id, fields=fields)
    if changed is None:
        raise no_endpoint(endpoint_id)
    if fields.status == "active":
        for held in services.deliveries.release_held_deliveries(
            project_id=actor.project_id, endpoint_id=endpoint_id
        ):
            services.ringer.ring(project_id=held.project_id, event_no=held.event_no)
    return changed


def rotate_endpoint(services: EndpointServices, actor: Actor, *, endpoint_id: str) -> Json:
    """Replace the secret; returns the endpoint with it. The old one also signs for
    SECRET_OVERLAP_S. Raises NotFound; Conflict while two secrets of an earlier rotation are valid.
    """
    rotated = services.store.rotate_endpoint(
        actor, endpoint_id=endpoint_id, overlap_s=SECRET_OVERLAP_S
    )
    if rotated is not None:
        return _with_secret(services, rotated)
    endpoint = find_endpoint(services, project_id=actor.project_id, endpoint_id=endpoint_id)
    raise Conflict(
        f"Two secrets of this endpoint are live until {endpoint.previous_secret_until}.",
        code="rotation_under_way",
    )


def find_endpoint(services: EndpointServices, *, project_id: str, endpoint_id: str) -> EndpointRow:
    """The endpoint without its secret. Raises NotFound."""
    found = services.store.find_endpoint(project_id=project_id, endpoint_id=endpoint_id)
    if found is None:
        raise no_endpoint(endpoint_id)
    return found


def ping_endpoint(
    services: EndpointServices, *, project_id: str, endpoint_id: str, correlation_id: str
) -> DueDelivery:
    """Send a test event. Raises NotFound, Conflict when it is disabled, Unavailable."""
    find_endpoint(services, project_id=project_id, endpoint_id=endpoint_id)
    due = services.store.ping_endpoint(
        project_id=project_id, endpoint_id=endpoint_id, correlation_id=correlation_id
    )
    if due is None:
        raise Conflict(
            f"Endpoint '{endpoint_id}' is disabled.",
            code="endpoint_disabled",
        )
    services.ringer.ring(project_id=project_id, event_no=due.event_no)
    return due


def redeliver(services: EndpointServices, *, project_id: str, delivery_id: str) -> None:
    """Send a callback again, under the same id. Raises NotFound, Conflict, Unavailable."""
    if services.store.find_delivery(project_id=project_id, delivery_id=delivery_id) is None:
        raise no_delivery(delivery_id)
    event_no = services.deliveries.redeliver(project_id=project_id, delivery_id=delivery_id)
    if event_no is None:
        raise Conflict(
            f"Delivery '{delivery_id}' is being sent just now.",
            code="delivery_under_way",
        )
    services.ringer.ring(project_id=project_id, event_no=event_no)


def redeliver_failed(
    services: EndpointServices,
    *,
    project_id: str,
    endpoint_id: str | None,
    since: datetime | None,
) -> RedeliveredMany:
    """Send callbacks again that had been given up, newest first, under the same ids.
    Raises NotFound, Unavailable.
    """
    if endpoint_id is not None:
        find_endpoint(services, project_id=project_id, endpoint_id=endpoint_id)
    due = services.deliveries.redeliver_failed(
        project_id=project_id, endpoint_id=endpoint_id, since=since, limit=REDELIVERED_AT_ONCE
    )
    for event_no in dict.fromkeys(each.event_no for each in due):
        services.ringer.ring(project_id=project_id, event_no=event_no)
    return RedeliveredMany(redelivered=len(due), complete=len(due) < REDELIVERED_AT_ONCE)


def no_delivery(delivery_id: str) -> NotFound:
    """The error for an unknown delivery."""
    return NotFound(
        f"No delivery '{delivery_id}' in this project.",
        code="delivery_not_found",
    )


def check_url(services: EndpointServices, url: str) -> None:
    """Raises Invalid for an address that callbacks must not go to; addresses are checked again
    at each connect.
    """
    target = parse_target(url, allow_loopback=services.allow_loopback)
    if isinstance(target, EgressRefused):
        error = FieldError(pointer="/url", message=target.reason)
        raise Invalid(f"The url cannot be called: {target.reason}.", errors=(error,))


def no_endpoint(endpoint_id: str) -> NotFound:
    """The error for an unknown endpoint."""
    return NotFound(
        f"No endpoint '{endpoint_id}' in this project.",
        code="endpoint_not_found",
    )


def _with_secret(services: EndpointServices, endpoint: EndpointRow) -> Json:
    secret = services.keys.secret(endpoint.endpoint_id, endpoint.secret_version)
    return {**view(endpoint), "secret": secret}
