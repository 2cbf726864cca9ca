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
        """Begin, or change, asking GitHub; None: the project has no such source of GitHub's."""
        params = {**_by(actor, source_id), **asdict(fields), "built_in": source_id == GITHUB_SOURCE}
        return self._database.row("set_reconciliation", params, ReconciliationRow)

    def find_reconciliation(self, *, project_id: str, source_id: str) -> ReconciliationRow | None:
        """None where GitHub is not asked about it."""
        params = {"project_id": project_id, "source_id": source_id}
        return self._database.row("find_reconciliation", params, ReconciliationRow)

    def want_reconciliation(
        self, actor: Actor, *, source_id: str, wanted: str
    ) -> ReconciliationRow | None:
        """A `pass`, or a `dry_run`, at the next tick; None where GitHub is not asked about it."""
        params = {**_by(actor, source_id), "wanted": wanted}
        return self._database.row("want_reconciliation", params, ReconciliationRow)

    def delete_reconciliation(self, actor: Actor, *, source_id: str) -> bool:
        """Ask no more."""
        return self._database.run("delete_reconciliation", _by(actor, source_id)) == 1

    def claim_reconciliation(self, *, lease_s: float) -> ClaimedReconciliation | None:
        """The one due for longest; None where none is."""
        params = {"lease_s": lease_s}
        return self._database.row("claim_reconciliation", params, ClaimedReconciliation)

    def save_listing(self, claimed: ClaimedReconciliation, place: ListingPlace) -> bool:
        """Where the listing stands; False once another pass has the lease."""
        return self._database.run("save_listing", {**_of(claimed), **asdict(place)}) == 1

    def settle_reconciliation(self, claimed: ClaimedReconciliation, end: PassEnd) -> bool:
        """End the pass; False once another one has the lease."""
        params = {**_of(claimed), **asdict(end), "report": Jsonb(dict(end.report))}
        params["wanted"] = claimed.wanted
        return self._database.run("settle_reconciliation", params) == 1

    def note_missed(
        self, claimed: ClaimedReconciliation, attempts: Sequence[ListedAttempt], *, apply: bool
    ) -> int:
        """How many of these we do not have; they are noted with `apply`."""
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
        """How many of the missed ones have arrived."""
        params = {"reconciliation_id": claimed.reconciliation_id}
        return self._database.run("forget_arrived", params)

    def give_up_missed(
        self, claimed: ClaimedReconciliation, *, floor: datetime, guid: str | None = None
    ) -> int:
        """How many are older than `floor`, or have that GUID: they are lost."""
        params = {"reconciliation_id": claimed.reconciliation_id, "floor": floor, "guid": guid}
        return self._database.run("give_up_missed", params)

    def claim_missed(
        self, claimed: ClaimedReconciliation, *, wait_s: float, longest_s: float, refused_asks: int
    ) -> MissedDelivery | None:
        """The next one to ask for, which is due again after `wait_s`, then three times as long;
        what we refuse is asked for `refused_asks` times.
        """
        waits = {"wait_s": wait_s, "longest_s": longest_s, "refused_asks": refused_asks}
        params = {**_of(claimed), **waits}
        return self._database.row("claim_missed", params, MissedDelivery)

    def claim_networks(self, *, wait_s: float) -> bool:
        """Whether GitHub's networks are to be read now; they are due again after `wait_s`."""
        return self._database.run("claim_networks", {"wait_s": wait_s}) == 1

    def keep_networks(self, networks: Sequence[str], *, wait_s: float) -> None:
        """Instead of those before; they are due again after `wait_s`."""
        params = {"networks": list(networks), "wait_s": wait_s}
        self._database.run("keep_networks", params)


def _by(actor: Actor, source_id: str) -> dict[str, Any]:
    return {"project_id": actor.project_id, "actor": actor.key_id, "source_id": source_id}


def _of(claimed: ClaimedReconciliation) -> Mapping[str, Any]:
    return {
        "reconciliation_id": claimed.reconciliation_id,
        "lease_epoch": claimed.lease_epoch,
    }
