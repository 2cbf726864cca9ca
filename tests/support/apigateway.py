"""REST API (v1) proxy events, as API Gateway makes them with `binary_media_types: */*`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any


def proxy_event(
    body: bytes | str | Mapping[str, Any] | list[Any] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    repeated: Mapping[str, list[str]] | None = None,
    method: str = "POST",
    path: str = "/webhook",
    address: str = "203.0.113.7",
    as_text: bool = False,
) -> dict[str, Any]:
    """One event. Bytes go as they are; anything else as JSON. `as_text`: without base64."""
    raw = body
    if isinstance(raw, Mapping | list):
        raw = json.dumps(raw)
    if isinstance(raw, str):
        raw = raw.encode()
    sent = {"Content-Type": "application/json", **(headers or {})}
    several = {name: [value] for name, value in sent.items()} | dict(repeated or {})
    encoded: str | None = None
    if raw is not None:
        encoded = raw.decode() if as_text else base64.b64encode(raw).decode()
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in several.items()},
        "multiValueHeaders": several,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": method,
            "path": f"/v1{path}",
            "requestId": "b7f1c2d3-0000-4000-8000-000000000000",
            "identity": {"sourceIp": address, "userAgent": "test"},
        },
        "body": encoded,
        "isBase64Encoded": raw is not None and not as_text,
    }
