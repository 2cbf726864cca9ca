"""API keys: create, list, rotate, revoke. A key is shown once; only its SHA-256 is stored."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aiwebhook.domain.identity import (
    BURST,
    RATE_PER_MINUTE,
    Randomness,
    Scope,
    hash_of_key,
    new_secret,
)
from aiwebhook.errors import FieldError, Invalid, NotFound
from aiwebhook.ids import new_id
from aiwebhook.ports.access import KeyRow, NewKey

if TYPE_CHECKING:
    from aiwebhook.postgres.access_store import PostgresAccessStore

_PREFIX = "aiw"
_SHOWN = 12  # characters shown to tell keys apart; 48 of 256 bits
_MAPPED_BITS = 96  # of ::ffff:0:0/96, the IPv4 addresses in IPv6
MAX_OVERLAP_S = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOrder:
    """What a new key may do. `cidrs` empty: from any address. `expires_at` None: until
    it is revoked.
    """

    name: str
    scopes: Sequence[Scope] = (Scope.COMMANDS,)
    cidrs: Sequence[str] = ()
    rate_per_minute: int = RATE_PER_MINUTE
    burst: int = BURST
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A new key; `key` is not stored and cannot be shown again."""

    key: str
    row: KeyRow

    def __repr__(self) -> str:
        return f"MadeKey({self.row.prefix}…)"


def create_key(
    store: PostgresAccessStore,
    order: KeyOrder,
    *,
    project_id: str,
    actor: str,
    randomness: Randomness = os.urandom,
) -> MadeKey:
    """Create a key. Raises Invalid, NotFound (no such project)."""
    _check(order)
    key = new_secret(_PREFIX, randomness)
    row = store.create_key(_new_key(key, order, project_id=project_id), actor=actor)
    if row is None:
        raise NotFound(f"No project '{project_id}'.", code="project_not_found")
    return MadeKey(key=key, row=row)


def rotate_key(  # noqa: PLR0913 — as above
    store: PostgresAccessStore,
    *,
    project_id: str,
    key_id: str,
    actor: str,
    overlap_s: int = 86_400,
    randomness: Randomness = os.urandom,
) -> MadeKey:
    """Create a key with the same rights; the old one keeps working for `overlap_s`.
    Raises NotFound, Invalid.
    """
    if not 0 <= overlap_s <= MAX_OVERLAP_S:
        raise _invalid("overlap_s", f"must be 0–{MAX_OVERLAP_S}, got {overlap_s}")
    key = new_secret(_PREFIX, randomness)
    new = _new_key(key, KeyOrder(name=""), project_id=project_id)
    row = store.rotate_key(new, replaces=key_id, overlap_s=overlap_s, actor=actor)
    if row is None:
        raise _no_key(key_id)
    return MadeKey(key=key, row=row)


def list_keys(store: PostgresAccessStore, *, project_id: str) -> Sequence[KeyRow]:
    """All keys of a project, newest first."""
    return store.list_keys(project_id=project_id)


def revoke_key(store: PostgresAccessStore, *, project_id: str, key_id: str, actor: str) -> KeyRow:
    """Revoke a key immediately. Raises NotFound."""
    row = store.revoke_key(project_id=project_id, key_id=key_id, actor=actor)
    if row is None:
        raise _no_key(key_id)
    return row


def _new_key(key: str, order: KeyOrder, *, project_id: str) -> NewKey:
    return NewKey(
        key_id=new_id("key"),
        project_id=project_id,
        name=order.name,
        prefix=key[:_SHOWN],
        key_hash=hash_of_key(key),
        scopes=[scope.value for scope in order.scopes],
        cidrs=[canonical_network(text) for text in order.cidrs],
        rate_per_minute=order.rate_per_minute,
        burst=order.burst,
        expires_at=order.expires_at,
    )


def _check(order: KeyOrder) -> None:
    if not 0 < len(order.name) <= 100 or "\0" in order.name:
        raise _invalid("name", "must be 1–100 characters")
    if not order.scopes:
        raise _invalid("scopes", "must name at least one scope")
    for limit in ("rate_per_minute", "burst"):
        value = getattr(order, limit)
        if not 1 <= value <= 1_000_000:
            raise _invalid(limit, f"must be 1–1000000, got {value}")


def canonical_network(text: str) -> str:
    """The network as PostgreSQL reads it: without netmask or zone, IPv4-mapped IPv6 as IPv4, as
    caller_address has it (usecases/authenticate.py).
    """
    try:
        network = ipaddress.ip_network(text)
    except ValueError as exc:
        raise _invalid("cidrs", "must be networks such as 203.0.113.0/24") from exc
    address = network.network_address
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise _invalid("cidrs", "must be networks without a zone (no %)")
        if address.ipv4_mapped is not None and network.prefixlen >= _MAPPED_BITS:
            return f"{address.ipv4_mapped}/{network.prefixlen - _MAPPED_BITS}"
    return str(network)


def _invalid(name: str, message: str) -> Invalid:
    return Invalid(f"{name} {message}.", errors=(FieldError(pointer=f"/{name}", message=message),))


def _no_key(key_id: str) -> NotFound:
    return NotFound(f"No live key '{key_id}' in this project.", code="key_not_found")
