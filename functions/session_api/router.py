"""From a request to an operation and back: find it, identify the caller, validate, run.

No framework (ADR 0012).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiwebhook import observability
from aiwebhook.commands.execute import jsonable
from aiwebhook.commands.validation import check_idempotency_key
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.domain.lease import RunLease
from aiwebhook.errors import FieldError, Forbidden, Invalid, NotFound, Unauthorized
from aiwebhook.http import (
    Request,
    Response,
    idempotency_key,
    json_body,
    presents_key,
    require_json,
    serve,
)
from aiwebhook.ids import CLIENT_ID
from aiwebhook.usecases.authenticate import Authentication, authenticate
from session_api.answer import Answer, Json
from session_api.authentication import serve_caller
from session_api.once import answer_once
from session_api.operation import Access, ApiCall, Operation
from session_api.paths import Paths
from session_api.raw import RawRoute, RawRoutes
from session_api.request_arguments import operation_arguments, query_arguments

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


class Router:
    """All operations of the API. One per process; a Lambda handles one request at a time."""

    def __init__(self, paths: Paths, api: SessionApi, raw: tuple[RawRoute, ...] = ()) -> None:
        self._paths = paths
        self._raw = RawRoutes(raw)
        self._api = api

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a REST API event; never raises."""
        limits: dict[str, str] = {}
        return serve(event, lambda request: self._route(request, limits), extra_headers=limits)

    def _route(self, request: Request, limits: dict[str, str]) -> Response:
        handle = self._raw.find(request.method, request.path)
        if handle is not None:
            return handle(self._api, request, limits)
        operation, ids = self._paths.find(request.method, request.path)
        scope = operation.access.scope
        if scope is not None:
            return serve_caller(
                self._api,
                request,
                limits,
                lambda caller: self._operate(operation, request, ids, caller=caller),
                scope=scope,
            )
        if operation.access is Access.OPEN:
            caller = _perhaps(self._api, request) if operation.key_shows_more else None
            return self._operate(operation, request, ids, caller=caller)
        lease = self._api.lease_keys().verify_lease_token(_bearer(request), self._api.clock())
        return self._operate(operation, request, ids, lease=lease)

    def _operate(
        self,
        operation: Operation,
        request: Request,
        ids: Mapping[str, str],
        *,
        caller: Caller | None = None,
        lease: RunLease | None = None,
    ) -> Response:
        api = self._api
        _check_ids(ids, lease)
        query, body = _arguments(operation, request)
        key = _idempotency_key(operation, request, body)
        params = operation_arguments(operation, query, body)
        call = ApiCall(
            ids=ids,
            given=query if operation.reads_query else body,
            request_id=request.request_id,
            correlation_id=request.correlation_id,
            idempotency_key=key,
            reader=request.headers.get("x-reader"),
            accept=request.headers.get("accept", ""),
            maybe_caller=caller,
            maybe_lease=lease,
            body=request.body,
            arrived_at=request.arrived_at,
        )
        answer = answer_once(api, operation, call, params)
        if operation.command is None and not operation.reads_query:
            # Commands log themselves; this is the line about runs, endpoints and keys.
            observability.info(
                "operation",
                operation=operation.name,
                status=answer.status,
                task_id=ids.get("task_id"),
            )
        return _response(answer)


def _perhaps(api: SessionApi, request: Request) -> Caller | None:
    """The caller if the request has a valid key, else None."""
    if not presents_key(request.headers):
        return None
    try:
        authentication = Authentication(headers=request.headers, address=request.address)
        return authenticate(api.authenticator, authentication, scope=Scope.READ)
    except (Unauthorized, Forbidden):
        return None


def _bearer(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthorized(
            "The request carries no lease token.",
            code="bad_lease_token",
            remedy="Send the run's lease token as 'Authorization: Bearer <token>'.",
        )
    return token.strip()


def _check_ids(ids: Mapping[str, str], lease: RunLease | None) -> None:
    for name, value in ids.items():
        if name != "key" and CLIENT_ID.fullmatch(value) is None:
            raise NotFound(f"No such {name.removesuffix('_id')} in this project.")
    if lease is not None and lease.task_id != ids["task_id"]:
        raise Forbidden(
            "The lease token belongs to another task.",
            code="lease_of_another_task",
        )


def _arguments(operation: Operation, request: Request) -> tuple[Json, Json]:
    query = query_arguments(request.query)
    if operation.reads_query:
        return query, {}
    if query:
        raise Invalid(
            "This operation takes its arguments in the body, not in the query.",
            errors=tuple(FieldError(pointer=f"/{n}", message="belongs in the body") for n in query),
        )
    if operation.takes_report:
        require_json(request)
        return {}, {}
    return {}, json_body(request) if request.body.strip() else {}


def _idempotency_key(operation: Operation, request: Request, body: Json) -> str | None:
    """The header, else the body's `request_id`, which is removed from it. Raises Invalid for
    a malformed one.
    """
    key = idempotency_key(request, body)
    for given in (key, body.pop("request_id", None)):
        if given is not None and not operation.reads_query:
            check_idempotency_key(given)
    return key


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if isinstance(answer.body, (str, bytes)):
        headers["Content-Type"] = answer.content_type
        return Response(status=answer.status, body=answer.body, headers=headers)
    body = None if answer.body is None else jsonable(answer.body)
    return Response(status=answer.status, body=body, headers=headers)
