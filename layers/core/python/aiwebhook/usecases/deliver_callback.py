"""Deliver callbacks: claim what is due, have it sent, write down what came of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiwebhook.clock import Clock
from aiwebhook.domain.delivery import DeliveryAction, Outcome, Standing, decide, log_entry
from aiwebhook.domain.lane import CROWDED_WAIT_S, PATIENCE_S, Lane
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.errors import Unavailable
from aiwebhook.ports.deliveries import (
    NO_CLAIM,
    CallbackSender,
    Claim,
    ClaimedDelivery,
    DeliverySettlement,
    DueEvent,
    LaneShare,
)
from aiwebhook.ports.messaging import DeliveryRinger
from aiwebhook.usecases.callback_attempt import Attempt, attempt_of
from aiwebhook.usecases.send_callbacks import Sending, Sent

if TYPE_CHECKING:
    from aiwebhook.postgres.delivery_store import PostgresDeliveryStore

RING_LIMIT_S = 900  # SQS delays no longer; the reaper rings for longer steps
_CLAIM_LIMIT = 50  # deliveries of one project in one go; the rest follows when these are done


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierServices:
    """What the use case works with. `keys` is asked once per batch, because secrets are read late.

    `workers` threads send; one receiver never holds more than `per_receiver` of them, and nothing
    new is begun after `budget_s`. One project occupies at most `share` notifiers of a lane with
    receivers that are known to answer, and as many with the others; with the others all projects
    together occupy at most twice as many.
    """

    store: PostgresDeliveryStore
    sender: CallbackSender
    ringer: DeliveryRinger
    keys: Callable[[], CallbackKeys]
    clock: Clock
    random: Callable[[], float]
    monotonic: Callable[[], float] = time.monotonic
    workers: int = 64
    per_receiver: int = 2
    share: int = 2
    budget_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """`failed` events are to be given to us again: the database was away."""

    attempts: tuple[Attempt, ...]
    postponed: int
    failed: frozenset[DueEvent]


def deliver_callbacks(
    due: Iterable[DueEvent], services: NotifierServices, lane: Lane
) -> DeliveryReport:
    """Attempt every due delivery of these events that has its place in this lane once, and then
    what waited for the slots that this took.

    Raises only for our own configuration.
    """
    run = _Run(services, lane)
    run.deliver(due)
    return DeliveryReport(
        attempts=tuple(run.attempts), postponed=run.postponed, failed=frozenset(run.failed)
    )


_Slot = tuple[str, bool]  # whose it is, and whether it is for receivers that are known to answer
_Events = Mapping[str, Sequence[int]]  # their numbers, by project


def _grouped(due: Iterable[DueEvent]) -> _Events:
    """The events' numbers by project, each once."""
    events: dict[str, dict[int, None]] = {}
    for event in due:
        events.setdefault(event.project_id, {})[event.event_no] = None
    return {project_id: list(numbers) for project_id, numbers in events.items()}


@dataclass(slots=True, kw_only=True)
class _Claimed:
    """What the claims of a batch came to: projects whose slots may be held, and events to look at
    for receivers of the other kind."""

    locked: bool = False
    deliveries: list[ClaimedDelivery] = field(default_factory=list[ClaimedDelivery])
    held: list[str] = field(default_factory=list[str])
    later: list[DueEvent] = field(default_factory=list[DueEvent])


class _Run:
    """One batch. The database is used by the calling thread alone; threads only send."""

    def __init__(self, services: NotifierServices, lane: Lane) -> None:
        self._services = services
        self._lane = lane
        self._until = services.monotonic() + services.budget_s
        self.attempts: list[Attempt] = []
        self.postponed = 0
        self.failed: set[DueEvent] = set()

    def deliver(self, due: Iterable[DueEvent]) -> None:
        """Go on until nothing waits for the slots that this held, or the time is up."""
        events = _grouped(due)
        while events:
            held, missed = self._attempt(events)
            if self._services.monotonic() < self._until:
                events = _grouped([*missed, *self._waiting(held, limit=_CLAIM_LIMIT)])
            else:
                self._pass_on(held, missed)
                return

    def _attempt(self, events: _Events) -> tuple[set[_Slot], list[DueEvent]]:
        """Claim, send and settle; the slots that may have been held meanwhile, and what changed
        from one kind to the other between our two claims."""
        holding = True  # what an exception leaves behind is not known
        try:
            answering = self._claim_all(events, responsive=True)
            others = self._claim_all(_grouped(answering.later), responsive=False)
            holding = answering.locked or others.locked
            if answering.deliveries or others.deliveries:
                self._send_all(answering, others, self._services.keys())
        finally:
            if holding:
                self._release()
        # A receiver that has just answered is no longer among the others.
        held = {
            *((project_id, True) for project_id in (*answering.held, *others.held)),
            *((project_id, False) for project_id in others.held),
        }
        return held, others.later

    def _claim_all(self, events: _Events, *, responsive: bool) -> _Claimed:
        claimed = _Claimed()
        within = self._within(responsive=responsive)
        for project_id, event_nos in events.items():
            claim = self._claim(project_id, event_nos, within)
            claimed.deliveries += claim.deliveries
            claimed.later += _due(project_id, claim.later)
            claimed.locked |= claim.locked
            claimed.held += [project_id] if claim.held else []
        return claimed

    def _within(self, *, responsive: bool) -> LaneShare:
        return LaneShare(lane=self._lane, responsive=responsive, share=self._services.share)

    def _waiting(self, held: Iterable[_Slot], *, limit: int) -> list[DueEvent]:
        """What waits for such slots, now that they were given back."""
        due: list[DueEvent] = []
        with suppress(Unavailable):  # the reaper rings for whatever is due
            for project_id, responsive in held:
                within = self._within(responsive=responsive)
                due += self._services.store.find_waiting_events(
                    project_id=project_id, limit=limit, within=within
                )
        return due

    def _pass_on(self, held: Iterable[_Slot], missed: Iterable[DueEvent] = ()) -> None:
        """Let another notifier go on from there."""
        for event in (*missed, *self._waiting(held, limit=1)):
            self._ring(event, 0.0)

    def _claim(self, project_id: str, event_nos: Sequence[int], within: LaneShare) -> Claim:
        try:
            claim = self._services.store.claim_deliveries(
                project_id=project_id, event_nos=event_nos, limit=_CLAIM_LIMIT, within=within
            )
        except Unavailable:
            self.failed.update(_due(project_id, event_nos))
            return NO_CLAIM
        # What is crowded out of the lane of first tries may find room in the other one at once.
        delay_s = 0.0 if self._lane is Lane.FIRST else CROWDED_WAIT_S
        for event in _due(project_id, claim.hand_over | claim.crowded):
            self._ring(event, delay_s)
        self.postponed += claim.waiting + len(claim.hand_over | claim.crowded)
        return claim

    def _release(self) -> None:
        with suppress(Unavailable):  # slots that a lost connection held are free already
            self._services.store.release_callback_slots()

    def _release_responsive(self, project_ids: Sequence[str]) -> None:
        within = self._within(responsive=True)
        with suppress(Unavailable):
            self._services.store.release_responsive_slots(project_ids, within)
        self._pass_on((project_id, True) for project_id in project_ids)

    def _send_all(self, answering: _Claimed, others: _Claimed, keys: CallbackKeys) -> None:
        services = self._services
        sending = Sending(
            sender=services.sender,
            keys=keys,
            clock=services.clock,
            monotonic=services.monotonic,
            until=self._until,
            within_s=PATIENCE_S[self._lane],
            threads=services.workers,
            per_receiver=services.per_receiver,
        )
        left = len(answering.deliveries)
        # Written down one by one as they end: a slow receiver delays nobody's record, nor does it
        # hold slots of those that are known to answer.
        for sent in sending.send(answering.deliveries, others.deliveries):
            self._record(sent)
            left -= sent.claimed.responsive is True
            if left == 0 and answering.held and others.deliveries:
                self._release_responsive(answering.held)
                answering.held.clear()

    def _record(self, sent: Sent) -> None:
        claimed = sent.claimed
        event = DueEvent(project_id=claimed.project_id, event_no=claimed.event_no)
        try:
            if sent.outcome is None:
                self._hand_back(claimed, event, sent.rest_s)
            else:
                self._settle(sent, sent.outcome, event)
        except Unavailable:
            # The lease runs out, and the message comes again: the receiver may hear it twice, by
            # one id.
            self.failed.add(event)

    def _hand_back(self, claimed: ClaimedDelivery, event: DueEvent, delay_s: float) -> None:
        self._services.store.hand_back_delivery(
            delivery_id=claimed.delivery_id, leased_until=claimed.leased_until, delay_s=delay_s
        )
        self.postponed += 1
        if delay_s:  # else it waits for a slot, as `waiting` will see
            self._ring(event, delay_s)

    def _settle(self, sent: Sent, outcome: Outcome, event: DueEvent) -> None:
        claimed, services = sent.claimed, self._services
        standing = Standing(
            attempts=claimed.attempts,
            has_endpoint=claimed.endpoint_id is not None,
            failures=claimed.failures,
            lane=self._lane,
            ms=sent.ms,
        )
        decision = decide(outcome, standing, now=sent.at, random=services.random())
        settlement = DeliverySettlement(
            delivery_id=claimed.delivery_id,
            leased_until=claimed.leased_until,
            decision=decision,
            entry=log_entry(outcome, at=sent.at, ms=sent.ms),
        )
        self.attempts.append(attempt_of(sent, decision))
        if services.store.settle_delivery(settlement) and decision.action is DeliveryAction.RETRY:
            self._ring(event, decision.delay_s)

    def _ring(self, event: DueEvent, delay_s: float) -> None:
        if delay_s > RING_LIMIT_S:
            return
        with suppress(Unavailable):  # the reaper rings for whatever is due
            self._services.ringer.ring(
                project_id=event.project_id, event_no=event.event_no, delay_s=math.ceil(delay_s)
            )


def _due(project_id: str, event_nos: Iterable[int]) -> list[DueEvent]:
    return [DueEvent(project_id=project_id, event_no=event_no) for event_no in event_nos]
