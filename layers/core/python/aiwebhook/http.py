"""HTTP as REST API (v1) proxy events carry it: exact bytes in, JSON or problem+json out.

Shared by the functions behind the API. `serve` turns every error into RFC 9457 and logs what
nobody expected, once.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, cast

from aiwebhook import observability
from aiwebhook.clock import utc_now
from aiwebhook.errors import (
    AiWebhookError,
    FieldError,
    Invalid,
    NotJson,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnsupportedMedia,
)
from aiwebhook.ids import CLIENT_ID, new_id
from aiwebhook.problem import headers_of, http_status_of, problem_of
from aiwebhook.security_headers import SECURITY_HEADERS
from aiwebhook.strict_json import parse_object

MAX_BODY = int(4.5 * 1024 * 1024)
"""Lambda's event holds 6 MB; exact bytes come as base64, a third longer."""

_JSON_TYPES = ("application/json", "text/json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request. Header names are in lower case; of a repeated header the last value counts.

    `repeated` names headers that came more than once: a signature must not be one of them.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    address: str | None
    request_id: str
    correlation_id: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    repeated: frozenset[str] = frozenset()
    arrived_at: datetime = field(default_factory=utc_now)
    """By the front door's clock, one for all tries of a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer; `body` is JSON, or text or bytes whose Content-Type is among the headers."""

    status: int
    body: dict[str, Any] | list[dict[str, Any]] | str | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])


def presents_key(headers: Mapping[str, str]) -> bool:
    """Whether a request carries anything like an API key, valid or not."""
    return bool(headers.get("authorization") or headers.get("x-api-key"))


def serve(
    event: Mapping[str, Any],
    route: Callable[[Request], Response],
    *,
    extra_headers: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Answer one proxy event; never raises. `extra_headers` (rate limits), as `route` leaves them,
    go on errors too.
    """
    request_id = new_id("req")
    headers, repeated = _headers(event)
    given = headers.get("x-correlation-id", "").strip()
    # The caller's own id stands in logs and events, where it is one.
    correlation_id = given if CLIENT_ID.fullmatch(given) else request_id
    gateway = cast("dict[str, Any]", event.get("requestContext") or {})
    observability.begin(
        correlation_id=correlation_id,
        request_id=request_id,
        # By which API Gateway's own log names the request.
        gateway_request_id=gateway.get("requestId"),
    )
    try:
        response = route(_request(event, headers, repeated, request_id, correlation_id))
    except AiWebhookError as error:
        response = _refusal(error, request_id, headers)
    except Exception as error:  # noqa: BLE001 — the caller gets a 500 without internals, the log the place
        observability.exception("unexpected error", error)
        response = _problem(AiWebhookError("Something went wrong on our side."), request_id)
    content = None if event.get("httpMethod") == "HEAD" else response.body
    return {
        "statusCode": response.status,
        "headers": {
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            **SECURITY_HEADERS,
            "X-Request-Id": request_id,
            "X-Correlation-Id": correlation_id,
            **extra_headers,
            **response.headers,
        },
        "body": "" if content is None else _dumps(content),
        "isBase64Encoded": isinstance(content, bytes),
    }


def _request(
    event: Mapping[str, Any],
    headers: Mapping[str, str],
    repeated: frozenset[str],
    request_id: str,
    correlation_id: str,
) -> Request:
    """Raises TooLarge, NotJson."""
    method = str(event.get("httpMethod") or "")
    address, arrived_at = _origin(event)
    return Request(
        method="GET" if method == "HEAD" else method,  # RFC 9110 §9.3.2: GET without its content
        path=str(event.get("path") or ""),
        headers=headers,
        repeated=repeated,
        query=cast("dict[str, str]", event.get("queryStringParameters") or {}),
        body=_body(event),
        address=address,
        arrived_at=arrived_at,
        request_id=request_id,
        correlation_id=correlation_id,
    )


def _origin(event: Mapping[str, Any]) -> tuple[str | None, datetime]:
    """The address and the time that API Gateway saw. X-Forwarded-For is the caller's word and
    counts for nothing.
    """
    context = cast("dict[str, Any]", event.get("requestContext") or {})
    address = cast("dict[str, Any]", context.get("identity") or {}).get("sourceIp")
    if not isinstance(address, str):
        address = None
    milliseconds = context.get("requestTimeEpoch")
    if not isinstance(milliseconds, int):
        return address, utc_now()
    return address, datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def _refusal(error: AiWebhookError, request_id: str, headers: Mapping[str, str]) -> Response:
    if http_status_of(error) >= 500:
        observability.warning("request failed", code=error.code)
    if isinstance(error, Unavailable) and not presents_key(headers):
        return _problem(_for_anybody(error), request_id)
    return _problem(error, request_id)


def _for_anybody(error: Unavailable) -> Unavailable:
    """Without what it names: who shows no key learns that something is away, and not where."""
    if error.code != "database_unavailable":
        return error
    return Unavailable(
        "The database does not answer.",
        code=error.code,
        remedy="Try again in a few seconds. With an API key, this answer says more.",
        retry_after_s=error.retry_after_s,
    )


def json_body(request: Request) -> dict[str, Any]:
    """The body as one JSON object. Raises UnsupportedMedia, NotJson, Invalid."""
    require_json(request)
    return parse_object(request.body)


def require_json(request: Request) -> None:
    """Refuse a body that does not claim to be JSON. Raises UnsupportedMedia."""
    media, _, parameters = request.headers.get("content-type", "application/json").partition(";")
    media = media.strip().lower()
    if media not in _JSON_TYPES and not (
        media.startswith("application/") and media.endswith("+json")
    ):
        raise UnsupportedMedia("The Content-Type is not application/json.")
    charset = parameters.lower().replace(" ", "").replace('"', "")
    if "charset=" in charset and "charset=utf-8" not in charset:
        raise UnsupportedMedia("The charset is not UTF-8.")
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise UnsupportedMedia(
            "The Content-Encoding is not supported.", remedy="Send the body uncompressed."
        )


def idempotency_key(request: Request, body: Mapping[str, Any]) -> str | None:
    """`Idempotency-Key` (also as a quoted structured field), or `request_id` of the
    body. Raises Invalid.
    """
    value = body.get("request_id")
    if value is not None and not isinstance(value, str):
        error = FieldError(pointer="/request_id", message="should be a valid string")
        raise Invalid("/request_id should be a valid string.", errors=(error,))
    header = request.headers.get("idempotency-key")
    if header is None:
        return value
    header = header.strip()
    if len(header) >= 2 and header[0] == header[-1] == '"':
        header = header[1:-1]
    return header


def _problem(error: AiWebhookError, request_id: str) -> Response:
    body = problem_of(error, request_id=request_id)
    headers = headers_of(error)
    if isinstance(error, Unauthorized) and error.code == "key_missing" and error.challenge is None:
        headers["WWW-Authenticate"] = 'Bearer realm="aiwebhook"'
    return Response(status=http_status_of(error), body=body, headers=headers)


def _headers(event: Mapping[str, Any]) -> tuple[dict[str, str], frozenset[str]]:
    headers: dict[str, str] = {}
    repeated: set[str] = set()
    single = cast("dict[str, str | None]", event.get("headers") or {})
    for name, value in single.items():
        headers[name.lower()] = value or ""
    several = cast("dict[str, list[str] | None]", event.get("multiValueHeaders") or {})
    for name, values in several.items():
        if values:
            headers[name.lower()] = values[-1] or ""
            if len(values) > 1:
                repeated.add(name.lower())
    return headers, frozenset(repeated)


def _body(event: Mapping[str, Any]) -> bytes:
    """The exact bytes. Raises TooLarge, NotJson."""
    raw = event.get("body")
    if raw is None:
        return b""
    text = str(raw)
    if not event.get("isBase64Encoded"):
        body = text.encode("utf-8", "surrogatepass")
    elif len(text) * 3 // 4 - 2 > MAX_BODY:
        body = b"\0" * (MAX_BODY + 1)  # not worth decoding
    else:
        try:
            body = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as exc:
            raise NotJson("The body is not valid base64.") from exc
    if len(body) > MAX_BODY:
        raise TooLarge("The body is larger than 4.5 MiB.")
    return body


def _dumps(body: dict[str, Any] | list[dict[str, Any]] | str | bytes) -> str:
    if isinstance(body, bytes):
        return base64.b64encode(body).decode("ascii")
    if isinstance(body, str):
        return body
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate in something quoted; escaped, it is plain ASCII
        return json.dumps(body, separators=(",", ":"))
    return text
