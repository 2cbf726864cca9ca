"""Cross-origin requests, for pages of origins that the stage names; without any, nothing is said.

Keys travel in a header, never in a cookie: so credentials are not allowed, and no origin can act
with what a browser remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

ALLOWED_METHODS = "GET, POST, PATCH, DELETE, OPTIONS"
ALLOWED_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Correlation-Id, X-Reader, Accept"
)
EXPOSED_HEADERS = (
    "X-Request-Id, X-Correlation-Id, Idempotent-Replay, RateLimit, RateLimit-Policy, Retry-After"
)

LambdaEvent = Mapping[str, Any]
LambdaAnswer = dict[str, Any]
LambdaHandler = Callable[[LambdaEvent], LambdaAnswer]


def with_cors(origins: Sequence[str], answer: LambdaHandler) -> LambdaHandler:
    """`answer`, and answers to preflights; pages of `origins` may read them. Without any, `answer`
    as it is.
    """
    if not origins:
        return answer
    return lambda event: _answered(origins, event, answer)


def _answered(origins: Sequence[str], event: LambdaEvent, answer: LambdaHandler) -> LambdaAnswer:
    origin = _origin(event)
    allowed = origin if origin in origins else "*" if "*" in origins else None
    if event.get("httpMethod") == "OPTIONS" and origin is not None:
        answered: LambdaAnswer = {
            "statusCode": 204,
            "headers": {},
            "body": "",
            "isBase64Encoded": False,
        }
        if allowed is not None:
            answered["headers"] = {
                "Access-Control-Allow-Methods": ALLOWED_METHODS,
                "Access-Control-Allow-Headers": ALLOWED_HEADERS,
                "Access-Control-Max-Age": "7200",
            }
    else:
        answered = answer(event)
    headers = cast("dict[str, str]", answered["headers"])
    headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Origin")))
    if allowed is not None:
        headers["Access-Control-Allow-Origin"] = allowed
        headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    return answered


def _origin(event: LambdaEvent) -> str | None:
    sent = cast("Mapping[str, str | None]", event.get("headers") or {})
    return next((value for name, value in sent.items() if name.lower() == "origin"), None)
