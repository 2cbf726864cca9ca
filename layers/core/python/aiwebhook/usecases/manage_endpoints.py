"""Callback endpoints: registered, changed, given new secrets, tried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiwebhook.domain.egress import EgressRefused, parse_target
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.errors import Conflict, FieldError, Invalid, NotFound
from aiwebhook.ports.deliveries import DueEvent
from aiwebhook.ports.endpoints import Actor, DueDelivery, EndpointFields, EndpointStore
from aiwebhook.ports.messaging import DeliveryRinger

Json = dict[str, Any]
OVERLAP_S = 24 * 3600
"""Both secrets sign for so long after a rotation."""


class Redeliverer(Protocol):
    """The part of ports.deliveries.DeliveryStore that is needed here."""

    def redeliver(services: EndpointServices, *, project_id: str, delivery_id: str) -> None:
    """Send a callback again, with the same id. Raises NotFound, Conflict, Unavailable."""
    if services.store.find_delivery(project_id=project_id, delivery_id=delivery_id) is None:
        raise no_delivery(delivery_id)
    event_no = services.deliveries.redeliver(project_id=project_id, delivery_id=delivery_id)
    if event_no is None:
        raise Conflict(
            f"Delivery '{delivery_id}' is being sent just now.",
            code="delivery_under_way",
            remedy="Look again in half a minute.",
        )
    services.ringer.ring(project_id=project_id, event_no=event_no)


def no_delivery(delivery_id: str) -> NotFound:
    """There is none of this id."""
    return NotFound(
        f"No delivery '{delivery_id}' in this project.",
        code="delivery_not_found",
        remedy="Find its id in GET /v1/deliveries.",
    )


def check_url(services: EndpointServices, url: str) -> None:
    """Raises Invalid for an address we do not call; addresses are checked again at each connect."""
    target = parse_target(url, allow_loopback=services.allow_loopback)
    if isinstance(target, EgressRefused):
        error = FieldError(pointer="/url", message=target.reason)
        raise Invalid(f"The url cannot be called: {target.reason}.", errors=(error,))


def no_endpoint(endpoint_id: str) -> NotFound:
    """There is none of this id."""
    return NotFound(
        f"No endpoint '{endpoint_id}' in this project.",
        code="endpoint_not_found",
        remedy="Find its id in GET /v1/endpoints.",
    )


def _with_secret(services: EndpointServices, endpoint: Json) -> Json:
    secret = services.keys.secret(endpoint["endpoint_id"], endpoint["secret_version"])
    return {**endpoint, "secret": secret}
