"""What the notifier sends, and the port to receivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from aiwebhook.domain.delivery import Decision, LogEntry, SendOutcome
from aiwebhook.domain.lane import Lane

DELIVERY_LEASE_S = 60  # lease of a delivery: four times as long as one exchange may take


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery that only this process may attempt now, with the data of its body and headers.

    `attempts` counts this attempt; `leased_until` is the fence of the settling statement;
    `responsive` says whether the receiver answered in time when it was last contacted. `output` (of
    a full payload only), `say` and `error` come from the task's result, None for other events.
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
    """The result of one claim for some events of a project.

    `slots`: the kinds of which one was taken, for receivers that are known to respond (True) and
    for all others; others may wait for it. Due deliveries that were not claimed: events to
    `hand_over` to the lane RETRY; deliveries (`crowded` in number) without a slot because other
    projects hold the shared ones; and deliveries (`waiting`) that the next notifier to release a
    slot of their project looks for.
    """

    deliveries: Sequence[ClaimedDelivery] = ()
    slots: frozenset[bool] = frozenset()
    hand_over: frozenset[int] = frozenset()
    crowded: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneShare:
    """The lane of a claim, and how many notifiers at once one project may occupy there with
    receivers that are known to respond, and how many with all others; with the others, all projects
    together may occupy twice as many.
    """

    lane: Lane
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettlement:
    """The outcome of an attempt, to be written to the row that was claimed."""

    delivery_id: str
    leased_until: datetime
    decision: Decision
    entry: LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEvent:
    """An event with due deliveries that no notifier has claimed."""

    project_id: str
    event_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One signed POST: address, headers and body."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class CallbackSender(Protocol):
    """Sends to servers of strangers: their faults never raise, and `send` always returns within its
    deadline. Raises Unavailable: nothing was sent, for a reason of ours.
    """

    def send(self, callback: Callback, *, within_s: float) -> SendOutcome:
        """POST it once; the whole exchange ends within `within_s`. Thread-safe."""
        ...
