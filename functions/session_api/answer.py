"""The result of an operation, before it becomes an HTTP response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`body` None: no body; text and bytes are sent unchanged, with `content_type`; anything else
    as JSON, times as RFC 3339.
    """

    body: Json | str | bytes | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content_type: str = JSON_TYPE
