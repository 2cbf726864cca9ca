"""A REST API with proxy integrations, as API Gateway has it: routes, events, replies. Pure.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, quote

from aiwebhook_local.problems import FrontResponse

HeaderPairs = tuple[tuple[bytes, bytes], ...]


class MalformedReply(Exception):
    """The function's result is not a valid proxy response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """A request of the API: `path` decoded, `query` as received, header names in lower case."""

    method: str
    path: str
    query: bytes
    headers: HeaderPairs
    body: bytes
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A resource with the methods it serves, each by the name of a function."""

    path: str
    functions: Mapping[str, str]
    resource_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The route and function of a request."""

    route: Route
    function: str
    parameters: Mapping[str, str]


def match(routes: Iterable[Route], method: str, path: str) -> Match | None:
    """The most specific route for the method: literal parts before parameters, parameters
    before greedy ones.
    """
    parts = _parts(path)
    found: list[tuple[list[int], Match]] = []
    for route in routes:
        wanted = _parts_of_route(route.path)
        parameters = _parameters(wanted, parts)
        if parameters is None:
            continue
        function = route.functions.get(method) or route.functions.get("ANY")
        if function is not None:
            place = Match(route=route, function=function, parameters=parameters)
            found.append((list(map(_generality, wanted)), place))
    return min(found, key=lambda each: each[0])[1] if found else None


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


_parts_of_route = cache(_parts)  # a hundred routes, and each request is compared with all


def _parameters(wanted: Sequence[str], parts: Sequence[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for i, part in enumerate(wanted):
        if i >= len(parts):
            return None
        if part.endswith("+}"):
            parameters[part[1:-2]] = "/".join(parts[i:])
            return parameters
        if part.startswith("{"):
            parameters[part[1:-1]] = parts[i]
        elif part != parts[i]:
            return None
    return parameters if len(wanted) == len(parts) else None


def _generality(part: str) -> int:
    if part.endswith("+}"):
        return 2
    return 1 if part.startswith("{") else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Data of one request that the gateway adds."""

    request_id: str
    at: datetime
    account: str
    api_id: str
    stage: str


def event_of(request: ApiRequest, matched: Match, arrival: Arrival) -> dict[str, Any]:
    """The event of payload format 1.0. Every body is binary to this API, hence base64."""
    single, several = _texts(request.headers)
    query = parse_qs(quote(request.query, safe="%&=+/:;,?@!$'()*~-._[]"), keep_blank_values=True)
    at = arrival.at.astimezone(UTC)
    return {
        "version": "1.0",
        "resource": matched.route.path,
        "path": request.path,
        "httpMethod": request.method,
        "headers": single,
        "multiValueHeaders": several,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(matched.parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": arrival.account,
            "resourceId": matched.route.resource_id,
            "stage": arrival.stage,
            "requestId": arrival.request_id,
            "extendedRequestId": arrival.request_id,
            "requestTime": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(at.timestamp() * 1000),
            "path": f"/{arrival.stage}{request.path}",
            "protocol": "HTTP/1.1",
            "identity": {
                "sourceIp": request.address,
                "userAgent": single.get("user-agent", ""),
            },
            "resourcePath": matched.route.path,
            "httpMethod": request.method,
            "apiId": arrival.api_id,
        },
        "body": base64.b64encode(request.body).decode() if request.body else None,
        "isBase64Encoded": bool(request.body),
    }


def _texts(headers: HeaderPairs) -> tuple[dict[str, str], dict[str, list[str]]]:
    several: dict[str, list[str]] = {}
    for name, value in headers:
        several.setdefault(name.decode("latin-1"), []).append(_text(value))
    return {name: values[-1] for name, values in several.items()}, several


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def reply_of(payload: bytes, arrival: Arrival) -> FrontResponse:
    """The response in a function's result. Raises MalformedReply."""
    try:
        returned: dict[str, Any] = json.loads(payload)
        status = int(returned["statusCode"])
        single: dict[str, Any] = returned.get("headers") or {}
        several: dict[str, list[Any]] = returned.get("multiValueHeaders") or {}
        headers = {"content-type": ["application/json"]}
        headers |= {name.lower(): [str(value)] for name, value in single.items()}
        headers |= {name.lower(): [*map(str, values)] for name, values in several.items()}
        body = returned.get("body") or ""
        binary = returned.get("isBase64Encoded")
        content = base64.b64decode(body, validate=True) if binary else body.encode()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MalformedReply(str(error)) from error
    headers["x-amzn-requestid"] = [arrival.request_id]
    lines = ((name.encode(), v.encode()) for name, values in headers.items() for v in values)
    return FrontResponse(status=status, headers=tuple(lines), body=content)
