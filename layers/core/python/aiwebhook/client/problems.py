"""Turns error responses into errors of `aiwebhook.errors`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from aiwebhook import errors

_KINDS = (
    errors.NotJson,
    errors.Unauthorized,
    errors.Forbidden,
    errors.NotFound,
    errors.MethodNotAllowed,
    errors.Conflict,
    errors.TooLarge,
    errors.UnsupportedMedia,
    errors.Invalid,
    errors.RateLimited,
    errors.Unavailable,
)
_BY_CODE: dict[str, type[errors.AiWebhookError]] = {
    kind.code: kind for kind in (errors.LeaseLost, errors.MessagesWaiting)
}
"""Errors that only their code distinguishes from others of the same status."""
_NOT_OURS = "The response did not come from AI Webhook: check the URL and any proxy in front of it."


def error_of_response(
    status: int, headers: Mapping[str, str], body: bytes
) -> errors.AiWebhookError:
    """The error of a response; if its body is not a problem document, from the status alone."""
    problem = _problem(body)
    code = _text(problem.get("code"))
    kind = _by_status().get(status, errors.AiWebhookError)
    kind = _BY_CODE.get(code, kind)
    error = kind(
        _text(problem.get("detail")) or f"The server answered HTTP {status}.",
        code=code or None,
        remedy=_text(problem.get("remedy")) or (None if problem else _NOT_OURS),
        errors=_field_errors(problem.get("errors")),
        retry_after_s=retry_after_s(headers),
    )
    if kind is errors.AiWebhookError:
        # An unexpected status, such as 500 or a proxy's error page, may be over in a minute.
        error.retryable = True
    return error


@cache
def _by_status() -> Mapping[int | None, type[errors.AiWebhookError]]:
    from aiwebhook.error_codes import CODES  # noqa: PLC0415 4 ms, which success does not need

    return {
        **{CODES[kind.code].status: kind for kind in _KINDS},
        502: errors.Unavailable,  # a proxy in front of the deployment got no answer from it
        504: errors.Unavailable,
    }


def holding(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """The body of a success, once it is known to have these fields. Without them, a proxy has
    answered in the deployment's place: raises a retryable error, so that a worker goes on.
    """
    if any(name not in body for name in names):
        raise error_of_response(200, {}, b"")
    return body


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds; None if missing, or a date, which our server never sends. Header
    names are lower case.
    """
    value = headers.get("retry-after", "")
    return float(value) if value.isdigit() else None


def _problem(body: bytes) -> dict[str, Any]:
    try:
        document: object = json.loads(body)
    except ValueError:  # includes UnicodeDecodeError and JSONDecodeError
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def _field_errors(value: object) -> tuple[errors.FieldError, ...]:
    if not isinstance(value, list):
        return ()
    rows = [
        cast("dict[str, Any]", row) for row in cast("list[object]", value) if isinstance(row, dict)
    ]
    return tuple(
        errors.FieldError(pointer=_text(row.get("pointer")), message=_text(row.get("message")))
        for row in rows
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
