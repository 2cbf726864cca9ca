"""What the function `outbound` is asked to do, and what it answers, as JSON: one exchange with a
stranger's server. Two releases meet here during a deployment: add members, change none.

Bytes are base64: they arrive as they were signed, and a body has the same size whatever is in it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from aiwebhook.domain.delivery import Answered, DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.ports.deliveries import Callback
from aiwebhook.ports.oauth import NoDocument


class ExchangeKind(StrEnum):
    """What is exchanged."""

    CALLBACK = "callback"
    """A signed POST; its outcome comes back."""
    DOCUMENT = "document"
    """A GET; what was read comes back, or why nothing was."""


def callback_event(callback: Callback, *, within_s: float) -> dict[str, Any]:
    """Ask for one POST within that time."""
    return {
        "kind": ExchangeKind.CALLBACK,
        "url": callback.url,
        "headers": dict(callback.headers),
        "body": _text(callback.body),
        "within_s": within_s,
    }


def callback_of(event: Mapping[str, Any]) -> Callback:
    """What is to be sent. Raises LookupError or ValueError."""
    headers: dict[str, str] = event["headers"]
    return Callback(url=event["url"], headers=headers, body=_bytes(event["body"]))


def outcome_answer(outcome: SendOutcome) -> dict[str, Any]:
    """What sending came to."""
    if isinstance(outcome, DeliveryUnanswered):
        return {"fault": outcome.fault, "detail": outcome.detail}
    return {
        "status": outcome.status,
        "retry_after": outcome.retry_after,
        "snippet": outcome.snippet,
    }


def outcome_of(answer: Mapping[str, Any]) -> SendOutcome:
    """The same, read. Raises LookupError or ValueError."""
    if "fault" in answer:
        return DeliveryUnanswered(fault=SendFailure(answer["fault"]), detail=answer["detail"])
    return Answered(
        status=int(answer["status"]),
        retry_after=answer["retry_after"],
        snippet=answer["snippet"],
    )


def document_event(url: str, *, limit: int) -> dict[str, Any]:
    """Ask for at most `limit` bytes of a document."""
    return {"kind": ExchangeKind.DOCUMENT, "url": url, "limit": limit}


def document_answer(found: bytes | NoDocument) -> dict[str, Any]:
    """What was read."""
    return {"reason": found.reason} if isinstance(found, NoDocument) else {"body": _text(found)}


def document_of(answer: Mapping[str, Any]) -> bytes | NoDocument:
    """The same, read. Raises LookupError or ValueError."""
    if "reason" in answer:
        return NoDocument(reason=answer["reason"])
    return _bytes(answer["body"])


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
