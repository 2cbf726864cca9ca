"""API keys, as those who manage them see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key to be made; its secret is known to the store only as SHA-256."""

    key_id: str
    project_id: str
    name: str
    prefix: str
    key_hash: bytes
    scopes: Sequence[str]
    cidrs: Sequence[str]
    rate_per_minute: int
    burst: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key as it may be shown."""

    key_id: str
    name: str
    prefix: str
    scopes: Sequence[str]
    cidrs: Sequence[str]
    rate_per_minute: int
    burst: int
    expires_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime
