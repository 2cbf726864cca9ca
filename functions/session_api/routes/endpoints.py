"""Callback endpoints and the log of their deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.domain.signature import SECRET_OVERLAP_S
from aiwebhook.domain.view import view
from aiwebhook.ports.endpoints import Actor, DeliveryFilter, EndpointFields
from aiwebhook.usecases import manage_endpoints
from session_api import callback_schemas, schemas
from session_api.answer import Answer
from session_api.operation import Access, ApiCall, ApiParams, ApiResult, Handle, Operation
from session_api.pages import list_page, page_body

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_OVERLAP_HOURS = SECRET_OVERLAP_S // 3600
_ENDPOINT = "/v1/endpoints/{endpoint_id}"
_DELIVERY = "/v1/deliveries/{delivery_id}"
_LOG = frozenset({"log"})


def create(api: SessionApi, call: ApiCall, params: schemas.EndpointParams) -> Answer:
    """The endpoint with its secret."""
    fields = EndpointFields(
        url=params.url,
        description=params.description,
        event_types=params.event_types,
        payload=params.payload,
    )
    made = manage_endpoints.register_endpoint(api.endpoints(), _actor(call), fields)
    return Answer(body=made)


def list_all(api: SessionApi, call: ApiCall, params: schemas.PageParams) -> Answer:
    """Newest first."""
    rows = api.endpoints().store.list_endpoints(
        project_id=call.caller.project_id,
        page=list_page(params.limit, params.cursor, identity="endpoint_id"),
    )
    return Answer(
        body=page_body(
            rows,
            params.limit,
            identity="endpoint_id",
            place=lambda e: (e.created_at, e.endpoint_id),
        )
    )


def find(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """The endpoint without its secret."""
    found = manage_endpoints.find_endpoint(
        api.endpoints(), project_id=call.caller.project_id, endpoint_id=call.ids["endpoint_id"]
    )
    return Answer(body=view(found))


def change(api: SessionApi, call: ApiCall, params: schemas.EndpointChangeParams) -> Answer:
    """Change the given fields."""
    fields = EndpointFields(
        url=params.url,
        description=params.description,
        event_types=params.event_types,
        payload=params.payload,
        status=params.status,
    )
    changed = manage_endpoints.change_endpoint(
        api.endpoints(), _actor(call), endpoint_id=call.ids["endpoint_id"], fields=fields
    )
    return Answer(body=view(changed))


def delete(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Delete the endpoint and its deliveries."""
    endpoint_id = call.ids["endpoint_id"]
    if not api.endpoints().store.delete_endpoint(_actor(call), endpoint_id=endpoint_id):
        raise manage_endpoints.no_endpoint(endpoint_id)
    return Answer(body={"deleted": endpoint_id})


def rotate(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """The endpoint with its new secret."""
    rotated = manage_endpoints.rotate_endpoint(
        api.endpoints(), _actor(call), endpoint_id=call.ids["endpoint_id"]
    )
    return Answer(body=rotated)


def ping(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Queue a test event; its delivery has the outcome."""
    due = manage_endpoints.ping_endpoint(
        api.endpoints(),
        project_id=call.caller.project_id,
        endpoint_id=call.ids["endpoint_id"],
        correlation_id=call.correlation_id,
    )
    return Answer(body={"delivery_id": due.delivery_id, "status": "pending"})


def list_deliveries(api: SessionApi, call: ApiCall, params: schemas.DeliveriesParams) -> Answer:
    """Newest first, without the log of attempts."""
    wanted = DeliveryFilter(
        endpoint_id=params.endpoint_id, task_id=params.task_id, status=params.status
    )
    rows = api.endpoints().store.list_deliveries(
        project_id=call.caller.project_id,
        wanted=wanted,
        page=list_page(params.limit, params.cursor, identity="delivery_id"),
    )
    return Answer(
        body=page_body(
            rows,
            params.limit,
            identity="delivery_id",
            place=lambda d: (d.created_at, d.delivery_id),
            view=lambda d: view(d, without=_LOG),
        )
    )


def find_delivery(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """With the log of attempts."""
    delivery_id = call.ids["delivery_id"]
    found = api.endpoints().store.find_delivery(
        project_id=call.caller.project_id, delivery_id=delivery_id
    )
    if found is None:
        raise manage_endpoints.no_delivery(delivery_id)
    return Answer(body=view(found))


def redeliver(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Queue the callback again, with the same webhook-id."""
    delivery_id = call.ids["delivery_id"]
    manage_endpoints.redeliver(
        api.endpoints(), project_id=call.caller.project_id, delivery_id=delivery_id
    )
    return Answer(body={"delivery_id": delivery_id, "status": "pending"})


def redeliver_failed(
    api: SessionApi, call: ApiCall, params: callback_schemas.RedeliverFailedParams
) -> Answer:
    """Queue callbacks again that were given up, at most a hundred at once."""
    done = manage_endpoints.redeliver_failed(
        api.endpoints(),
        project_id=call.caller.project_id,
        endpoint_id=params.endpoint_id,
        since=params.since,
    )
    return Answer(body=view(done))


def _actor(call: ApiCall) -> Actor:
    return Actor(project_id=call.caller.project_id, key_id=call.caller.key_id)


def _row(
    method_and_path: str,
    name: str,
    handle: Handle,
    shapes: tuple[type[ApiParams] | None, type[ApiResult]],
    summary: str,
) -> Operation:
    method, path = method_and_path.split(" ")
    params, returns = shapes
    return Operation(
        method=method,
        path=path,
        name=name,
        summary=summary,
        tag="callbacks",
        access=Access.ADMIN,
        handle=handle,
        params=params,
        returns=returns,
        once=method != "GET",
        shown_once="secret" if handle in (create, rotate) else None,
        misses=handle is redeliver_failed,
    )


_ONE = (None, schemas.EndpointResult)
_DUE = (None, schemas.DueResult)
OPERATIONS: tuple[Operation, ...] = (
    _row(
        "POST /v1/endpoints",
        "createEndpoint",
        create,
        (schemas.EndpointParams, schemas.EndpointResult),
        "Register a URL for signed callbacks; the signing secret is returned only once.",
    ),
    _row(
        "GET /v1/endpoints",
        "listEndpoints",
        list_all,
        (schemas.PageParams, schemas.PageResult),
        "List callback endpoints, newest first.",
    ),
    _row(f"GET {_ENDPOINT}", "getEndpoint", find, _ONE, "One callback endpoint."),
    _row(
        f"PATCH {_ENDPOINT}",
        "changeEndpoint",
        change,
        (schemas.EndpointChangeParams, schemas.EndpointResult),
        "Change, disable or enable a callback endpoint.",
    ),
    _row(
        f"DELETE {_ENDPOINT}",
        "deleteEndpoint",
        delete,
        (None, schemas.DeletedResult),
        "Delete a callback endpoint and its deliveries.",
    ),
    _row(
        f"POST {_ENDPOINT}/rotate",
        "rotateEndpoint",
        rotate,
        _ONE,
        f"Rotate the signing secret; the old one also signs for {_OVERLAP_HOURS} hours.",
    ),
    _row(f"POST {_ENDPOINT}/ping", "pingEndpoint", ping, _DUE, "Send a signed test event."),
    _row(
        "GET /v1/deliveries",
        "listDeliveries",
        list_deliveries,
        (schemas.DeliveriesParams, schemas.PageResult),
        "Callbacks, sent or pending, newest first.",
    ),
    _row(
        f"GET {_DELIVERY}",
        "getDelivery",
        find_delivery,
        (None, schemas.DeliveryResult),
        "One callback with the log of its attempts.",
    ),
    _row(
        "POST /v1/deliveries/redeliver",
        "redeliverFailed",
        redeliver_failed,
        (callback_schemas.RedeliverFailedParams, callback_schemas.RedeliveredManyResult),
        "Resend callbacks that were given up, at most 100 per request.",
    ),
    _row(
        f"POST {_DELIVERY}/redeliver",
        "redeliver",
        redeliver,
        _DUE,
        "Send a callback again, with the same webhook-id.",
    ),
)
