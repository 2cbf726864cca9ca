"""From the resolver to an operation and back: authenticate, validate, run, turn errors into problems."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from aiwebhook import observability
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.domain.lease import RunLease
from aiwebhook.errors import (
    AiWebhookError,
    FieldError,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Unauthorized,
)
from aiwebhook.ids import CLIENT_ID, new_id
from aiwebhook.problem import headers_of, problem_of, status_of
from aiwebhook.usecases.admit import Visitor, admit
from session_api.asking import arguments_of, query_arguments, take_idempotency_key
from session_api.operation import Access, Call, Operation
from session_api.strict_json import read_json_object
from session_api.web import Answer, Request, plain_ids

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_SCOPES = {
    Access.READ: Scope.READ,
    Access.COMMANDS: Scope.COMMANDS,
    Access.WORKER: Scope.WORKER,
    Access.ADMIN: Scope.ADMIN,
}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(slots=True, kw_only=True)
class _Exchange:
    """One request on its way: what is known of it when an error has to be told."""

    request: Request
    headers: dict[str, str] = field(default_factory=dict[str, str])


class Router:
    """The resolver with all operations. One per process; a Lambda handles one request at a time."""

    def __init__(self, operations: tuple[Operation, ...], api: Callable[[], SessionApi]) -> None:
        """`api` is asked at the first request, so that its errors become answers too."""
        self._api = api
        self._methods = _methods_by_path(operations)
        self._resolver = APIGatewayRestResolver()
        for operation in operations:
            rule = _PLACEHOLDER.sub(r"<\1>", operation.path)
            self._resolver.route(rule=rule, method=operation.method)(self._endpoint(operation))
        self._resolver.not_found(self._not_found)

    def answer(self, event: dict[str, Any], context: object) -> dict[str, Any]:
        """The answer to a REST API event."""
        return self._resolver.resolve(event, context)  # pyright: ignore[reportArgumentType]

    def _endpoint(self, operation: Operation) -> Callable[..., Response[Any]]:
        def endpoint(**ids: str) -> Response[Any]:
            return self._run(lambda exchange: self._call(operation, exchange, ids))

        return endpoint

    def _not_found(self, _error: object) -> Response[Any]:
        return self._run(self._no_route)

    def _run(self, work: Callable[[_Exchange], Answer]) -> Response[Any]:
        request = Request.from_event(self._resolver.current_event.raw_event, make_id=new_id)
        exchange = _Exchange(request=request)
        correlation_id = _correlation_id(request)
        observability.begin(correlation_id=correlation_id, request_id=request.request_id)
        exchange.headers |= {
            "X-Request-Id": request.request_id,
            "X-Correlation-Id": correlation_id,
        }
        try:
            return work(exchange).response(exchange.headers)
        except AiWebhookError as error:
            problem = error
        except Exception as error:  # noqa: BLE001 the last place that can turn it into an answer
            observability.exception("request failed", error)
            problem = AiWebhookError(
                "Something went wrong on our side.",
                code="internal",
                remedy="Try again; if it stays, look for the request_id in the log.",
            )
        body = problem_of(problem, request_id=request.request_id)
        told = headers_of(problem)
        kind = told.pop("Content-Type")
        answer = Answer(
            body=body, status=status_of(problem), headers=told, content_type=kind
        )
        return answer.response(exchange.headers)

    def _call(self, operation: Operation, exchange: _Exchange, raw: Mapping[str, str]) -> Answer:
        api, request = self._api(), exchange.request
        caller, lease = _identify(api, operation, exchange)
        ids = plain_ids(raw)
        for name, value in ids.items():
            if CLIENT_ID.fullmatch(value) is None:
                raise NotFound(f"No such {name.removesuffix('_id')} in this project.")
        if lease is not None and lease.task_id != ids["task_id"]:
            raise Unauthorized("The lease token is about another task.", code="bad_lease_token")
        query = query_arguments(request.query)
        if query and not operation.reads_query:
            raise Invalid(
                "This operation takes its arguments in the body, not in the query.",
                errors=tuple(
                    FieldError(pointer=f"/{name}", message="belongs in the body") for name in query
                ),
            )
        body = {} if operation.reads_query else read_json_object(request.body, request.headers)
        key = take_idempotency_key(request.headers.get("idempotency-key"), body)
        asked = arguments_of(operation, query, body)
        call = Call(
            ids=ids,
            query=request.query,
            body=body,
            request_id=request.request_id,
            correlation_id=_correlation_id(request),
            idempotency_key=key,
            maybe_caller=caller,
            maybe_lease=lease,
        )
        return operation.handle(api, call, asked)

    def _no_route(self, exchange: _Exchange) -> Answer:
        path = exchange.request.path
        allowed = sorted(
            {method for pattern, methods in self._methods if pattern.fullmatch(path) for method in methods}
        )
        if allowed:
            raise MethodNotAllowed(
                f"{exchange.request.method} is not possible here.", allow=tuple(allowed)
            )
        raise NotFound(
            "There is nothing at this path.",
            code="route_not_found",
            remedy="GET /openapi.json lists every path; /docs shows them.",
        )


def _identify(
    api: SessionApi, operation: Operation, exchange: _Exchange
) -> tuple[Caller | None, RunLease | None]:
    request = exchange.request
    if operation.access is Access.OPEN:
        return None, None
    if operation.access is Access.LEASE:
        token = request.bearer
        if token is None:
            raise Unauthorized(
                "The request carries no lease token.",
                code="bad_lease_token",
                remedy="Send the run's lease token as 'Authorization: Bearer <token>'.",
            )
        return None, api.lease_keys().verify_lease_token(token, api.clock())
    visitor = Visitor(headers=request.headers, address=request.source_ip)
    try:
        return admit(api.access, visitor, scope=_SCOPES[operation.access]), None
    finally:
        if visitor.limit is not None:
            exchange.headers |= visitor.limit.headers()


def _methods_by_path(
    operations: tuple[Operation, ...],
) -> list[tuple[re.Pattern[str], list[str]]]:
    methods: dict[str, list[str]] = {}
    for operation in operations:
        methods.setdefault(operation.path, []).append(operation.method)
    return [
        (re.compile(_PLACEHOLDER.sub("[^/]+", path)), found) for path, found in methods.items()
    ]


def _correlation_id(request: Request) -> str:
    """The caller's own if it is harmless, else this request's id."""
    given = request.headers.get("x-correlation-id", "")
    return given if CLIENT_ID.fullmatch(given) else request.request_id
