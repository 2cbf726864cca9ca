"""Ports of the notifier: its rows, and the wire to receivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from aiwebhook.domain.delivery import Decision, LogEntry, Outcome
from aiwebhook.domain.lane import Lane

LEASE_S = 60  # a sender holds a delivery so long: four times what one exchange may take


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery this process alone may attempt now, with what its body and headers are made of.

    `attempts` counts this attempt; `leased_until` is the fence of the settling statement;
    `responsive` says whether the receiver answered in time when it was last contacted. `output`
    (of a full payload only), `say` and `error` come from the task's result, None for other events.
    """

    delivery_id: str
    project_id: str
    url: str
    attempts: int
    leased_until: datetime
    endpoint_id: str | None
    responsive: bool | None
    payload: str
    failures: int
    secret_version: int
    rotating: bool
    event_no: int
    event_id: str
    event_type: str
    session_id: str | None
    seq: int | None
    task_id: str | None
    agent_name: str | None
    event_data: Mapping[str, Any]
    correlation_id: str | None
    created_at: datetime
    say: str | None = None
    error: Mapping[str, Any] | None = None
    output: Any = None
    notes: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a look at one event came to: `waiting` more were due, but found no slot in this lane or
    belong to the other one. In the lane RETRY the first of them is due again after `look_again_s`.
    """

    deliveries: Sequence[ClaimedDelivery]
    waiting: int
    look_again_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneShare:
    """The lane of a look, and how many notifiers at once one project may occupy in it with
    responsive receivers, and as many with others."""

    lane: Lane
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What an attempt came to, to be written to the row that was claimed."""

    delivery_id: str
    leased_until: datetime
    decision: Decision
    entry: LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEvent:
    """An event that has deliveries due and nobody at work on them."""

    project_id: str
    event_no: int


class DeliveryStore(Protocol):
    """Deliveries and what their endpoints went through. Every method raises Unavailable."""

    def claim_deliveries(
        self, *, project_id: str, event_no: int, limit: int, within: LaneShare
    ) -> Claim:
        """Claim what is due of one event and may be attempted in this lane.

        Deliveries to a disabled endpoint become held; those to a resting receiver are postponed
        uncharged, but for a single probe when its rest is over. Slots that were taken stay with
        this store until `release_callback_slots`.
        """
        ...

    def release_callback_slots(self) -> None:
        """Give back what claims took of their projects' shares."""
        ...

    def settle_delivery(self, settlement: Settlement) -> bool:
        """Write the outcome; False when another sender has the row by now (nothing is written)."""
        ...

    def hand_back_delivery(
        self, *, delivery_id: str, leased_until: datetime, delay_s: float
    ) -> bool:
        """Undo a claim that led to no attempt: uncharged, due after `delay_s`."""
        ...

    def redeliver(self, *, project_id: str, delivery_id: str) -> int | None:
        """Start a delivery anew, whatever became of it; its event's number to ring for.

        None when there is no such delivery in the project, or a sender is at work on it.
        """
        ...

    def release_held_deliveries(self, *, project_id: str, endpoint_id: str) -> Sequence[DueEvent]:
        """Let go on what was held for an endpoint that is enabled again; the events to ring for."""
        ...

    def due_deliveries(self, *, limit: int) -> Sequence[DueEvent]:
        """Events with deliveries that are due and not claimed, longest due first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One signed POST."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class CallbackSender(Protocol):
    """Sends to strangers: never raises for what they do, always comes back within its deadline."""

    def send(self, callback: Callback, *, within_s: float) -> Outcome:
        """POST it once; the whole exchange ends within that time. Thread-safe."""
        ...
