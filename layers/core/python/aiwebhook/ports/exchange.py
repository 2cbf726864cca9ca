"""The request and response of the function `outbound`, as JSON: one exchange with a stranger's
server. Two releases meet here during a deployment: add members, change none.

Bytes are base64: they arrive as they were signed, and a body's size does not depend on its content.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from aiwebhook.domain.delivery import Answered, DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.ports.deliveries import Callback
from aiwebhook.ports.oauth import NoDocument
from aiwebhook.ports.reconciliation import ApiAnswer, NoApiAnswer, OutboundRequest

API_S = 15.0
"""What one exchange with an API may take: GitHub ends a request of ours after ten seconds."""
_PACKED_LIMIT = 5_500_000  # characters of a body in an answer: Lambda returns at most 6 MB


class ExchangeKind(StrEnum):
    """The kind of exchange."""

    CALLBACK = "callback"
    """A signed POST; returns its outcome."""
    DOCUMENT = "document"
    """A GET; returns the document, or why there is none."""
    API = "api"
    """A request to an API that a user named; returns its answer, or why there is none."""


def callback_event(callback: Callback, *, within_s: float) -> dict[str, Any]:
    """The event that requests one POST within `within_s` seconds."""
    return {
        "kind": ExchangeKind.CALLBACK,
        "url": callback.url,
        "headers": dict(callback.headers),
        "body": _text(callback.body),
        "within_s": within_s,
    }


def callback_of(event: Mapping[str, Any]) -> Callback:
    """The callback to send. Raises LookupError or ValueError."""
    headers: dict[str, str] = event["headers"]
    return Callback(url=event["url"], headers=headers, body=_bytes(event["body"]))


def outcome_answer(outcome: SendOutcome) -> dict[str, Any]:
    """The answer that carries the outcome of a POST."""
    if isinstance(outcome, DeliveryUnanswered):
        return {"fault": outcome.fault, "detail": outcome.detail}
    return {
        "status": outcome.status,
        "retry_after": outcome.retry_after,
        "snippet": outcome.snippet,
    }


def outcome_of(answer: Mapping[str, Any]) -> SendOutcome:
    """Reads `outcome_answer`. Raises LookupError or ValueError."""
    if "fault" in answer:
        return DeliveryUnanswered(fault=SendFailure(answer["fault"]), detail=answer["detail"])
    return Answered(
        status=int(answer["status"]),
        retry_after=answer["retry_after"],
        snippet=answer["snippet"],
    )


def document_event(url: str, *, limit: int) -> dict[str, Any]:
    """The event that requests at most `limit` bytes of a document."""
    return {"kind": ExchangeKind.DOCUMENT, "url": url, "limit": limit}


def document_answer(found: bytes | NoDocument) -> dict[str, Any]:
    """The answer that carries a document, or why there is none."""
    return {"reason": found.reason} if isinstance(found, NoDocument) else {"body": _text(found)}


def document_of(answer: Mapping[str, Any]) -> bytes | NoDocument:
    """Reads `document_answer`. Raises LookupError or ValueError."""
    if "reason" in answer:
        return NoDocument(reason=answer["reason"])
    return _bytes(answer["body"])


def api_event(request: OutboundRequest, *, limit: int) -> dict[str, Any]:
    """The event that requests one exchange with an API, whose answer has at most `limit` bytes."""
    return {
        "kind": ExchangeKind.API,
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "limit": limit,
    }


def api_request_of(event: Mapping[str, Any]) -> OutboundRequest:
    """The request to make. Raises LookupError."""
    headers: dict[str, str] = event["headers"]
    return OutboundRequest(method=event["method"], url=event["url"], headers=headers)


def api_answer(found: ApiAnswer | NoApiAnswer) -> dict[str, Any]:
    """The answer that carries the API's. Compressed: a delivery that GitHub kept has up to 25
    MB of JSON.
    """
    if isinstance(found, NoApiAnswer):
        return {"reason": found.reason}
    packed = _text(zlib.compress(found.body, level=1))
    if len(packed) > _PACKED_LIMIT:
        return {"reason": "its answer is too large, even compressed"}
    return {"status": found.status, "headers": dict(found.headers), "packed": packed}


def api_answer_of(answer: Mapping[str, Any], *, limit: int) -> ApiAnswer | NoApiAnswer:
    """Reads `api_answer`; decompresses at most `limit` bytes. Raises LookupError or ValueError."""
    if "reason" in answer:
        return NoApiAnswer(reason=answer["reason"])
    body = zlib.decompressobj().decompress(_bytes(answer["packed"]), limit + 1)
    if len(body) > limit:
        raise ValueError("more came back than was asked for")
    headers: dict[str, str] = answer["headers"]
    return ApiAnswer(status=int(answer["status"]), headers=headers, body=body)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
