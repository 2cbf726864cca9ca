"""Reconciliations with GitHub. All methods raise Unavailable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from aiwebhook.domain.github_hook import ListedAttempt
from aiwebhook.ports.endpoints import Actor
from aiwebhook.ports.inbound import GITHUB_SOURCE
from aiwebhook.ports.reconciliation import (
    ClaimedReconciliation,
    ListingPlace,
    MissedDelivery,
    PassEnd,
    ReconciliationFields,
    ReconciliationRow,
)
from aiwebhook.postgres.database import Database


class PostgresReconciliationStore:
    """Each method runs the statement of its name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set_reconciliation(
        self, actor: Actor, *, source_id: str, fields: ReconciliationFields
    ) -> ReconciliationRow | None:
        """Create or change a reconciliation; None: the project has no such GitHub source."""
        params = {**_by(actor, source_id), **asdict(fields), "built_in": source_id == GITHUB_SOURCE}
        return self._database.row("set_reconciliation", params, ReconciliationRow)

    def find_reconciliation(self, *, project_id: str, source_id: str) -> ReconciliationRow | None:
        """The reconciliation of a source; None when it has none."""
        params = {"project_id": project_id, "source_id": source_id}
        return self._database.row("find_reconciliation", params, ReconciliationRow)

    def want_reconciliation(
        self, actor: Actor, *, source_id: str, wanted: str
    ) -> ReconciliationRow | None:
        """Request a `pass` or a `dry_run` at the next tick; None when the source
        has no reconciliation.
        """
        params = {**_by(actor, source_id), "wanted": wanted}
        return self._database.row("want_reconciliation", params, ReconciliationRow)

    def delete_reconciliation(self, actor: Actor, *, source_id: str) -> bool:
        """Delete the reconciliation of a source."""
        return self._database.run("delete_reconciliation", _by(actor, source_id)) == 1

    def claim_reconciliation(self, *, lease_s: float) -> ClaimedReconciliation | None:
        """Claim the reconciliation that has been due for longest; None when none is due."""
        params = {"lease_s": lease_s}
        return self._database.row("claim_reconciliation", params, ClaimedReconciliation)

    def save_listing(self, claimed: ClaimedReconciliation, place: ListingPlace) -> bool:
        """Save the position of the listing; False once another pass has the lease."""
        return self._database.run("save_listing", {**_of(claimed), **asdict(place)}) == 1

    def settle_reconciliation(self, claimed: ClaimedReconciliation, end: PassEnd) -> bool:
        """End the pass; False once another pass has the lease."""
        params = {**_of(claimed), **asdict(end), "report": Jsonb(dict(end.report))}
        params["wanted"] = claimed.wanted
        return self._database.run("settle_reconciliation", params) == 1

    def note_missed(
        self, claimed: ClaimedReconciliation, attempts: Sequence[ListedAttempt], *, apply: bool
    ) -> int:
        """How many of these deliveries we do not have; with `apply` they are also recorded."""
        params = {
            **_of(claimed),
            "guids": [attempt.guid for attempt in attempts],
            "delivery_nos": [attempt.delivery_no for attempt in attempts],
            "status_codes": [attempt.status_code for attempt in attempts],
            "delivered_ats": [attempt.delivered_at for attempt in attempts],
            "apply": apply,
        }
        return self._database.value("note_missed", params, int) or 0

    def forget_arrived(self, claimed: ClaimedReconciliation) -> int:
        """Remove recorded deliveries that have arrived since; returns how many."""
        params = {"reconciliation_id": claimed.reconciliation_id}
        return self._database.run("forget_arrived", params)

    def give_up_missed(
        self, claimed: ClaimedReconciliation, *, floor: datetime, guid: str | None = None
    ) -> int:
        """Give up recorded deliveries older than `floor`, or with that GUID; returns how many."""
        params = {"reconciliation_id": claimed.reconciliation_id, "floor": floor, "guid": guid}
        return self._database.run("give_up_missed", params)

    def claim_missed(
        self, claimed: ClaimedReconciliation, *, wait_s: float, longest_s: float, refused_asks: int
    ) -> MissedDelivery | None:
        """The next delivery to request. It is due again after `wait_s` seconds, then three times as
        long each time; one that we refuse is requested at most `refused_asks` times.
        """
        waits = {"wait_s": wait_s, "longest_s": longest_s, "refused_asks": refused_asks}
        params = {**_of(claimed), **waits}
        return self._database.row("claim_missed", params, MissedDelivery)

    def claim_networks(self, *, wait_s: float) -> bool:
        """Whether to read GitHub's networks now; they are due again after `wait_s` seconds."""
        return self._database.run("claim_networks", {"wait_s": wait_s}) == 1

    def keep_networks(self, networks: Sequence[str], *, wait_s: float) -> None:
        """Replace the stored networks; they are due again after `wait_s` seconds."""
        params = {"networks": list(networks), "wait_s": wait_s}
        self._database.run("keep_networks", params)


def _by(actor: Actor, source_id: str) -> dict[str, Any]:
    return {"project_id": actor.project_id, "actor": actor.key_id, "source_id": source_id}


def _of(claimed: ClaimedReconciliation) -> Mapping[str, Any]:
    return {
        "reconciliation_id": claimed.reconciliation_id,
        "lease_epoch": claimed.lease_epoch,
    }
