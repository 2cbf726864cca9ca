"""Reconciliations with GitHub: as their owners and the reconciler see them; the way to the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationRow:
    """How GitHub is asked about a source, and what came of it; without what it logs in with."""

    source_id: str
    hook: str
    api_url: str
    app_id: str | None
    wanted: str | None
    next_at: datetime
    checked_until: datetime | None
    passed_at: datetime | None
    report: Mapping[str, Any]
    failing_since: datetime | None
    failure: str | None
    created_at: datetime
    missing: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationFields:
    """What the owner of a source chooses. `app_id`: the box holds the key of that App."""

    hook: str
    hook_id: str | None
    api_url: str
    app_id: str | None
    secret_box: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedReconciliation:
    """One pass's work, and where the listing before it stopped."""

    reconciliation_id: str
    lease_epoch: int
    project_id: str
    source_id: str
    hook: str
    api_url: str
    app_id: str | None
    secret_box: bytes = field(repr=False)
    wanted: str | None
    checked_until: datetime | None
    listing_top: datetime | None
    listing_floor: datetime | None
    listing_cursor: str | None
    failing_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedDelivery:
    """What GitHub is to be asked for. `too_large`: it left a tombstone here."""

    guid: str
    delivery_no: int
    status_code: int
    tries: int
    too_large: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPlace:
    """Where a listing stands. `cursor` None: at its end."""

    top: datetime
    floor: datetime
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassEnd:
    """How a pass ended. `restart`: the listing starts over."""

    wait_s: float
    report: Mapping[str, Any]
    failure: str | None
    restart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRequest:
    """A request to an API; the headers hold what it logs in with."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswer:
    """What came back; names of headers in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoApiAnswer:
    """Why none came; `reason` is a sentence for people. The request may have been received."""

    reason: str


class ApiExchange(Protocol):
    """One exchange with an API that a user named. Never raises for what the other side does."""

    def exchange(self, request: OutboundRequest, *, limit: int) -> ApiAnswer | NoApiAnswer:
        """At most `limit` bytes, from a public address, without redirects."""
        ...
