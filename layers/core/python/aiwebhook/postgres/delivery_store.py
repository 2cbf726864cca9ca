"""Deliveries and the state of their endpoints. Every method raises Unavailable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from aiwebhook.clock import rfc3339
from aiwebhook.domain.delivery import DeliveryAction, DeliveryStatus, LogEntry
from aiwebhook.domain.lane import Lane
from aiwebhook.ports.deliveries import (
    DELIVERY_LEASE_S,
    Claim,
    ClaimedDelivery,
    DeliverySettlement,
    DueEvent,
    LaneShare,
)
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call

_STATUS_AFTER = {
    DeliveryAction.DELIVERED: DeliveryStatus.DELIVERED,
    DeliveryAction.RETRY: DeliveryStatus.PENDING,
    DeliveryAction.DEAD: DeliveryStatus.DEAD,
    DeliveryAction.DISABLE: DeliveryStatus.HELD,
}
_PER_RECEIVER = (
    10  # deliveries to one receiver per claim: its failures soon open the circuit breaker
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due(ClaimedDelivery):
    course: str
    has_slot: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settled:
    delivery_id: str


class PostgresDeliveryStore:
    """One statement per method; each in autocommit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_deliveries(
        self, *, project_id: str, event_nos: Sequence[int], limit: int, within: LaneShare
    ) -> Claim:
        """Claim due deliveries of these events that may be attempted in this lane. Those to a
        disabled endpoint become held; those to a resting receiver are postponed without counting an
        attempt, except for one probe when its rest is over. Slots taken stay with this store until
        `release_callback_slots`.
        """
        params = {
            "project_id": project_id,
            "event_nos": list(event_nos),
            "limit": limit,
            "lease_s": DELIVERY_LEASE_S,
            "lane": within.lane.value,
            "per_receiver": _PER_RECEIVER,
            "share": within.share,
            "unproven": 2 * within.share,
        }
        due = self._database.rows("claim_deliveries", params, _Due)

        courses = Counter(row.course for row in due)
        return Claim(
            deliveries=[row for row in due if row.course == "claim"],
            slots=frozenset(row.responsive is True for row in due if row.has_slot),
            hand_over=frozenset(row.event_no for row in due if row.course == "hand_over"),
            crowded=courses["crowded"],
            waiting=courses["wait"],
        )

    def find_waiting_events(
        self, *, project_id: str, lane: Lane, responsive: bool, limit: int
    ) -> Sequence[DueEvent]:
        """Events with deliveries that wait for such a slot, longest due first."""
        params = {
            "project_id": project_id,
            "lane": lane.value,
            "responsive": responsive,
            "limit": limit,
        }
        return self._database.rows("find_waiting_events", params, DueEvent)

    def release_responsive_slots(self, project_ids: Sequence[str], within: LaneShare) -> None:
        """Release the slots that claims of these projects took for receivers known to respond."""
        params = {
            "project_ids": list(project_ids),
            "lane": within.lane.value,
            "share": within.share,
        }
        self._database.run("release_responsive_slots", params)

    def release_callback_slots(self) -> None:
        """Release all slots that claims took."""
        self._database.run("release_callback_slots", {})

    def settle_delivery(self, *settlements: DeliverySettlement) -> Sequence[bool]:
        """Record outcomes in one commit. False for a delivery that another sender has claimed
        meanwhile: nothing is written to it.
        """
        calls = [
            Call.row("settle_delivery", _outcome(settlement), _Settled)
            for settlement in settlements
        ]
        return [settled is not None for settled in self._database.together(*calls)]

    def hand_back_delivery(
        self, *, delivery_id: str, leased_until: datetime, delay_s: float
    ) -> bool:
        """Undo a claim that led to no attempt: the attempt is not counted, due after `delay_s`."""
        params = {"delivery_id": delivery_id, "leased_until": leased_until, "delay_s": delay_s}
        return self._database.run("hand_back_delivery", params) == 1

    def redeliver(self, *, project_id: str, delivery_id: str) -> int | None:
        """Start a delivery over, whatever its status; returns its event's number, to ring for. None
        when the project has no such delivery, or it is being sent.
        """
        params = {"project_id": project_id, "delivery_id": delivery_id}
        due = self._database.row("redeliver", params, DueEvent)
        return None if due is None else due.event_no

    def redeliver_failed(
        self, *, project_id: str, endpoint_id: str | None, since: datetime | None, limit: int
    ) -> Sequence[DueEvent]:
        """Start the newest of those over that were given up; returns the events to ring for,
        one for each.
        """
        params = {
            "project_id": project_id,
            "endpoint_id": endpoint_id,
            "since": since,
            "limit": limit,
        }
        return self._database.rows("redeliver_failed", params, DueEvent)

    def release_held_deliveries(self, *, project_id: str, endpoint_id: str) -> Sequence[DueEvent]:
        """Release the deliveries held for an endpoint that is enabled again; returns the events
        to ring for.
        """
        params = {"project_id": project_id, "endpoint_id": endpoint_id}
        return self._database.rows("release_held_deliveries", params, DueEvent)

    def due_deliveries(self, *, limit: int) -> Sequence[DueEvent]:
        """Events with due deliveries that nobody has claimed, longest due first."""
        return self._database.rows("due_deliveries", {"limit": limit}, DueEvent)


def _outcome(settlement: DeliverySettlement) -> dict[str, object]:
    decision = settlement.decision
    return {
        "delivery_id": settlement.delivery_id,
        "leased_until": settlement.leased_until,
        "status": _STATUS_AFTER[decision.action].value,
        "delay_s": decision.delay_s,
        "entry": Jsonb([_entry(settlement.entry)]),
        "healthy": decision.healthy,
        "pause_s": decision.pause_s,
        "responsive": decision.responsive,
        "disable": decision.action is DeliveryAction.DISABLE,
        "reason": decision.reason,
    }


def _entry(entry: LogEntry) -> dict[str, object]:
    values = {
        "at": rfc3339(entry.at),
        "ms": entry.ms,
        "status": entry.status,
        "error": entry.error,
        "snippet": entry.snippet or None,
    }
    return {name: value for name, value in values.items() if value is not None}
