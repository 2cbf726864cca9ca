"""Port to API keys and projects, for those who manage them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


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


class AccessStore(Protocol):
    """All methods raise Unavailable when the store is away."""

    def create_key(self, key: NewKey, *, actor: str) -> KeyRow | None:
        """Store a key, with an audit entry; None when there is no such project."""
        ...

    def list_keys(self, *, project_id: str) -> Sequence[KeyRow]:
        """All keys of a project, newest first."""
        ...

    def revoke_key(self, *, project_id: str, key_id: str, actor: str) -> KeyRow | None:
        """End a key at once, with an audit entry; revoking twice is harmless."""
        ...

    def rotate_key(
        self, key: NewKey, *, replaces: str, overlap_s: int, actor: str
    ) -> KeyRow | None:
        """Make `key` with the rights of `replaces`, which ends after `overlap_s`; None when that is
        no live key.
        """
        ...

    def ensure_project(
        self, *, project_id: str, name: str, manifests: Sequence[Mapping[str, Any]]
    ) -> bool:
        """Make the project and its agents if they are missing; True when the project is new."""
        ...
