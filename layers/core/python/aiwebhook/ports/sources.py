"""Sources of webhooks, as their owners and the receiving endpoint see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedSource:
    """The source of an incoming delivery. The boxes hold its valid secrets."""

    source_id: str
    project_id: str
    kind: str
    rules: Mapping[str, Any]
    secret_box: bytes | None = field(repr=False)
    previous_box: bytes | None = field(repr=False)
    max_bytes: int
    rate_per_minute: int
    within_rate: bool
    address_allowed: bool
    networks_stale: bool
    """Only GitHub's networks are allowed, but the list is missing or too old to enforce."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFields:
    """What the owner of a source chooses; None leaves a field as it is."""

    description: str | None = None
    status: str | None = None
    rules: Mapping[str, Any] | None = None
    cidrs: Sequence[str] | None = None
    max_bytes: int | None = None
    rate_per_minute: int | None = None
    burst: int | None = None
    retention_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source without its secrets."""

    source_id: str
    kind: str
    description: str | None
    status: str
    rules: Mapping[str, Any]
    has_secret: bool
    previous_secret_until: datetime | None
    cidrs: Sequence[str]
    max_bytes: int
    rate_per_minute: int
    burst: int
    retention_days: int | None
    created_at: datetime
