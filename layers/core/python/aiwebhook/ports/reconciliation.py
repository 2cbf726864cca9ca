"""Reconciliations with GitHub, as their owners and the reconciler see them; the port to its API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationRow:
    """How GitHub is asked about a source, and the result; without credentials."""

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
    """What the owner of a source chooses. With an `app_id` the box holds the private key
    of that App.
    """

    hook: str
    hook_id: str | None
    api_url: str
    app_id: str | None
    secret_box: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedReconciliation:
    """The work of one pass, and where the previous listing stopped."""

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
    """A delivery to request from GitHub. `too_large`: it left a tombstone here."""

    guid: str
    delivery_no: int
    status_code: int
    tries: int
    too_large: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPlace:
    """The position of a listing. `cursor` None: at its end."""

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
    """A request to an API; the headers hold its credentials."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswer:
    """The API's answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoApiAnswer:
    """Why there is no answer; `reason` is a sentence for people. The request may
    have been received.
    """

    reason: str


class ApiExchange(Protocol):
    """One exchange with an API that a user named. Faults of the other side never raise."""

    def exchange(self, request: OutboundRequest, *, limit: int) -> ApiAnswer | NoApiAnswer:
        """At most `limit` bytes, from a public address, without redirects."""
        ...
