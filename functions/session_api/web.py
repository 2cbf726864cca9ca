"""Requests as API Gateway hands them over, answers as it takes them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self, cast
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response

from aiwebhook.clock import rfc3339
from aiwebhook.errors import Conflict

Json = dict[str, Any]
JSON_TYPE = "application/json"
MAX_ANSWER = 5_500_000
"""Bytes. Lambda hands over at most 6 MB, wrapped in JSON once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request. Header names are lower case; `path` is as it came, percent-encoded."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, tuple[str, ...]] = field(repr=False)
    body: bytes = field(repr=False)
    source_ip: str
    request_id: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any], *, make_id: Callable[[str], str]) -> Self:
        """Read a REST API event (payload version 1.0)."""
        context: Mapping[str, Any] = event.get("requestContext") or {}
        identity: Mapping[str, Any] = context.get("identity") or {}
        headers: Mapping[str, Any] = event.get("headers") or {}
        return cls(
            method=str(event["httpMethod"]).upper(),
            path=str(event["path"]),
            headers={name.lower(): str(value) for name, value in headers.items()},
            query=_query(event),
            body=_body(event),
            source_ip=str(identity.get("sourceIp") or ""),
            request_id=make_id("req"),
        )

    @property
    def bearer(self) -> str | None:
        """The token of the Authorization header."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an operation answers. `body` None: nothing; text and bytes go out as they are."""

    body: Json | str | bytes | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content_type: str = JSON_TYPE

    def response(self, extra: Mapping[str, str]) -> Response[str | bytes]:
        """For the resolver. Raises Conflict when it would pass Lambda's limit."""
        body = self.body if isinstance(self.body, (str, bytes)) else _encoded(self.body)
        if len(body) > MAX_ANSWER:
            raise Conflict(
                f"The answer would have {len(body):,} bytes; at most {MAX_ANSWER:,} can be sent.",
                code="answer_too_large",
                remedy="Ask for less: a smaller limit, or one item at a time.",
            )
        headers = {"Cache-Control": "no-store", **extra, **self.headers}
        return Response(
            status_code=self.status,
            content_type=self.content_type if body else None,
            headers=cast("dict[str, str | list[str]]", headers),
            body=body,
        )


def plain_ids(ids: Mapping[str, str]) -> dict[str, str]:
    """Path parameters decoded; API Gateway hands over paths as they were sent."""
    return {name: unquote(value, errors="replace") for name, value in ids.items()}


def _query(event: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    many: Mapping[str, list[str]] = event.get("multiValueQueryStringParameters") or {}
    if many:
        return {name: tuple(values) for name, values in many.items()}
    one: Mapping[str, str] = event.get("queryStringParameters") or {}
    return {name: (value,) for name, value in one.items()}


def _body(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return base64.b64decode(body)
    return str(body).encode("utf-8", "surrogatepass")


def _encoded(body: Json | None) -> bytes:
    if body is None:
        return b""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_told).encode()


def _told(value: object) -> str:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    raise TypeError(f"{type(value).__name__} has no JSON form")
