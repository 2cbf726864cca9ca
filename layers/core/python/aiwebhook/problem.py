"""RFC 9457 problem details: the one place that turns our errors into HTTP answers."""

from __future__ import annotations

import math
from typing import Any

from aiwebhook import errors
from aiwebhook.error_codes import CODES, MEDIA_TYPE, TYPE_BASE


def http_status_of(error: errors.AiWebhookError) -> int:
    """The HTTP status of an error of our tree."""
    return _answered(error)[0]


def problem_of(error: errors.AiWebhookError, *, request_id: str) -> dict[str, Any]:
    """The problem+json body: type, title, status, detail, code, retryable, remedy,
    request_id, errors[], example.
    """
    status, title = _answered(error)
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


def _answered(error: errors.AiWebhookError) -> tuple[int, str]:
    """Status and title: of its code; of its class where a code is not meant for HTTP."""
    kinds = (kind for kind in type(error).__mro__ if issubclass(kind, errors.AiWebhookError))
    for code in (error.code, *(kind.code for kind in kinds)):
        known = CODES.get(code)
        if known is not None and known.status is not None:
            return known.status, known.title
    raise AssertionError("the root's code has a status")


def _entry(error: errors.FieldError) -> dict[str, Any]:
    entry: dict[str, Any] = {"pointer": error.pointer, "message": error.message}
    return entry if error.suggestion is None else {**entry, "suggestion": error.suggestion}


def headers_of(error: errors.AiWebhookError) -> dict[str, str]:
    """Headers that go with the problem: its media type, and Retry-After where waiting helps."""
    headers = {"Content-Type": MEDIA_TYPE}
    if isinstance(error, errors.Unauthorized) or error.challenge is not None:
        headers["WWW-Authenticate"] = error.challenge or "Bearer"
    if isinstance(error, errors.MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allow)
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    elif isinstance(error, errors.Unavailable) and error.retryable:
        headers["Retry-After"] = "5"
    return headers
