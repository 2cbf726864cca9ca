"""Errors of the gateway itself, as RFC 9457 problem+json; handlers return their own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiwebhook.error_codes import CODES, MEDIA_TYPE, TYPE_BASE
from aiwebhook.ids import new_id
from aiwebhook.security_headers import SECURITY_HEADERS

# API Gateway takes 10 MB; Lambda's event 6 MiB, of which base64 leaves 4.5 MiB for exact bytes.
GATEWAY_BODY_LIMIT = 10 * 1024 * 1024
LAMBDA_EVENT_LIMIT = 6 * 1024 * 1024
HEADERS_LIMIT = 10_240
"""The most bytes of header lines that API Gateway accepts in a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontResponse:
    """One complete HTTP response of the local front."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What the error code does not determine. `remedy` replaces the code's own where this case has
    a better one.
    """

    code: str
    detail: str
    remedy: str = ""
    retry_after_s: int = 0


def problem_response(problem: Problem) -> FrontResponse:
    """The response for a problem of the local front."""
    known = CODES[problem.code]
    if known.status is None:
        raise ValueError(f"{problem.code} is not answered over HTTP")
    request_id = new_id("req")
    document: dict[str, Any] = {
        "type": TYPE_BASE + problem.code,
        "title": known.title,
        "status": known.status,
        "detail": problem.detail,
        "code": problem.code,
        "retryable": problem.retry_after_s > 0,
        "remedy": problem.remedy or known.remedy,
        "request_id": request_id,
    }
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"x-request-id", request_id.encode()),
        *((name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()),
    ]
    if problem.retry_after_s:
        headers.append((b"retry-after", str(problem.retry_after_s).encode()))
    return FrontResponse(
        status=known.status, headers=tuple(headers), body=json.dumps(document).encode()
    )


def too_large_for_gateway() -> Problem:
    """A body over API Gateway's limit."""
    return Problem(code="body_too_large", detail=f"A request may have {GATEWAY_BODY_LIMIT} bytes.")


def too_large_for_lambda(size: int) -> Problem:
    """A body that API Gateway accepts but that does not fit into a Lambda event."""
    return Problem(
        code="body_too_large",
        detail=f"A body of {size} bytes exceeds the 6 MB event of a function, base64 included.",
    )


def headers_too_large() -> Problem:
    """More header bytes than API Gateway takes."""
    return Problem(
        code="headers_too_large",
        detail=f"The headers of a request may have {HEADERS_LIMIT} bytes.",
    )


def answer_too_large(size: int) -> Problem:
    """A response over Lambda's limit. Lambda drops it, and API Gateway reports a malformed one."""
    return Problem(
        code="answer_too_large",
        detail=f"An answer of {size} bytes exceeds what a function may return (6 MB, escaped).",
    )


def no_answer_in_time() -> Problem:
    """The function took longer than API Gateway waits."""
    return Problem(
        code="timeout",
        detail="The function did not answer within 29 seconds.",
        retry_after_s=5,
    )


def still_starting() -> Problem:
    """The stack is up, but the API is not deployed yet."""
    return Problem(
        code="unavailable",
        detail="The local stack is still starting.",
        remedy="Try again in a moment.",
        retry_after_s=1,
    )


def no_such_route() -> Problem:
    """The API has nothing at this path for this method."""
    return Problem(code="route_not_found", detail="There is nothing at this path.")


def process_ended() -> Problem:
    """The function's process was killed while it worked, for example by hot reload, or could
    not be used.
    """
    return Problem(
        code="unavailable",
        detail="The function's process ended before it answered.",
        remedy="Repeat the request with the same Idempotency-Key.",
        retry_after_s=1,
    )


def function_failed() -> Problem:
    """The function raised, or returned no valid response. Details are in the log only."""
    return Problem(
        code="internal",
        detail="The function behind this path failed without an answer.",
        remedy="On the machine of the stack: 'aiwebhook local logs lambda'.",
    )


def answer_size(body: bytes, headers: tuple[tuple[bytes, bytes], ...]) -> int:
    """Bytes of what the function returned: its body as one JSON text, or as base64."""
    in_headers = sum(len(name) + len(value) + 8 for name, value in headers) + 200
    try:
        escaped = len(json.dumps(body.decode(), ensure_ascii=False).encode())
    except UnicodeDecodeError:
        escaped = 4 * ((len(body) + 2) // 3)
    return escaped + in_headers


def event_size(body: bytes, headers: Mapping[str, str], target: str) -> int:
    """About the size of the Lambda event made of a request (headers appear in it twice)."""
    in_headers = sum(len(name) + len(value) + 16 for name, value in headers.items())
    return 4 * ((len(body) + 2) // 3) + 2 * in_headers + 4 * len(target) + 2048


def of_gateway(status: int, headers: Mapping[str, str], body: bytes) -> Problem | None:
    """The problem behind an error answer that no handler made; None for a handler's own answer.
    Handlers use problem+json. API Gateway uses JSON with `message`, and for a function that crashed
    the emulator passes on the function's own error, which callers must not see.
    """
    gateway_speaks = headers.get("content-type", "") == "application/json"
    if status < 400 or not gateway_speaks or not _is_gateway_body(body):
        return None
    if status == 404:
        return still_starting()
    if "x-amzn-errortype" in headers and status < 500:
        return no_such_route()
    if status == 429:
        return Problem(code="rate_limited", detail="Too many requests at once.", retry_after_s=1)
    return process_ended() if b'"Worker ' in body else function_failed()


def _is_gateway_body(body: bytes) -> bool:
    try:
        document = json.loads(body)
    except ValueError:
        return False
    if not isinstance(document, dict):
        return False
    return bool(
        document.keys() & {"message", "Message", "errorMessage"}  # pyright: ignore[reportUnknownArgumentType] -- JSON edge
    )
