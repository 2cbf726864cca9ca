"""RFC 9457 problem details: the one place that turns our errors into HTTP answers."""

from __future__ import annotations

import math
from typing import Any

from aiwebhook import errors

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "https://aiwebhook.dev/errors/"

# Most specific first: the first class that fits decides.
_STATUS: tuple[tuple[type[errors.AiWebhookError], int, str], ...] = (
    (errors.NotJson, 400, "Not a JSON object"),
    (errors.Unauthorized, 401, "Not authenticated"),
    (errors.Forbidden, 403, "Not allowed"),
    (errors.NotFound, 404, "Not found"),
    (errors.MethodNotAllowed, 405, "Method not allowed"),
    (errors.LeaseLost, 409, "Lease lost"),
    (errors.Conflict, 409, "Conflict"),
    (errors.TooLarge, 413, "Too large"),
    (errors.UnsupportedMedia, 415, "Unsupported media type"),
    (errors.Invalid, 422, "Invalid request"),
    (errors.RateLimited, 429, "Rate limit reached"),
    (errors.Unavailable, 503, "Temporarily unavailable"),
    (errors.AiWebhookError, 500, "Internal error"),
)


def status_of(error: errors.AiWebhookError) -> int:
    """The HTTP status of an error of our tree."""
    return next(status for kind, status, _ in _STATUS if isinstance(error, kind))


def problem_of(error: errors.AiWebhookError, *, request_id: str) -> dict[str, Any]:
    """The problem+json body: type, title, status, detail, code, retryable, remedy, request_id,
    errors[], example.
    """
    status, title = next((s, t) for kind, s, t in _STATUS if isinstance(error, kind))
    body: dict[str, Any] = {
        "type": TYPE_BASE + error.code,
        "title": title,
        "status": status,
        "detail": error.detail,
        "code": error.code,
        "retryable": error.retryable,
        "remedy": error.remedy,
        "request_id": request_id,
    }
    if error.errors:
        body["errors"] = [_entry(each) for each in error.errors]
    if error.example is not None:
        body["example"] = dict(error.example)
    return body


def _entry(error: errors.FieldError) -> dict[str, Any]:
    entry: dict[str, Any] = {"pointer": error.pointer, "message": error.message}
    return entry if error.suggestion is None else {**entry, "suggestion": error.suggestion}


def headers_of(error: errors.AiWebhookError) -> dict[str, str]:
    """Headers that go with the problem: its media type, and Retry-After where waiting helps."""
    headers = {"Content-Type": MEDIA_TYPE}
    if isinstance(error, errors.Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allow)
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    elif isinstance(error, errors.Unavailable):
        headers["Retry-After"] = "5"
    return headers
