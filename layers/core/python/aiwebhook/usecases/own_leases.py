"""Reads the lease tokens that a worker sends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aiwebhook.domain.lease import LeaseKeys, RunLease
from aiwebhook.errors import Unauthorized


def own_leases(
    tokens: Sequence[str], *, project_id: str, keys: LeaseKeys, now: datetime
) -> list[RunLease | None]:
    """One lease per token, in order; None for one that is invalid, expired, or
    of another project.
    """
    leases = [_lease_of(token, keys, now) for token in tokens]
    return [lease if lease and lease.project_id == project_id else None for lease in leases]


def _lease_of(token: str, keys: LeaseKeys, now: datetime) -> RunLease | None:
    try:
        return keys.verify_lease_token(token, now)
    except Unauthorized:
        return None
