"""Delivers callbacks: claims what is due, has it sent, records the result."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from aiwebhook.clock import Clock
from aiwebhook.domain.delivery import DeliveryAction, SendOutcome
from aiwebhook.domain.lane import CROWDED_WAIT_S, PATIENCE_S, Lane
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.domain.subscription import is_subscription
from aiwebhook.errors import Unavailable
from aiwebhook.ports.deliveries import CallbackSender, Claim, ClaimedDelivery, DueEvent, LaneShare
from aiwebhook.ports.messaging import DeliveryRinger
from aiwebhook.usecases.callback_attempt import Attempt, attempt_of, settlement_of
from aiwebhook.usecases.deliver_subscribed import (
    PreparedDeliveries,
    SubscribedCallback,
    SubscriptionDeliveries,
)
from aiwebhook.usecases.send_callbacks import SENT_AT_ONCE, Sending, Sent

if TYPE_CHECKING:
    from aiwebhook.postgres.delivery_store import PostgresDeliveryStore

RING_LIMIT_S = 900  # SQS delays no longer than this; the reaper rings for longer waits
_CLAIM_LIMIT = 50  # deliveries of one project per claim; the next claim follows when these are done


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierServices:
    """The notifier's dependencies and limits. `keys` is called once per batch, and only if needed.

    `workers` threads send; one receiver never occupies more than `per_receiver` of them, and no
    send begins after `budget_s`. One project occupies at most `share` notifiers of a lane with
    receivers known to respond, and as many with the others; with the others, all projects together
    occupy at most twice as many.
    """

    store: PostgresDeliveryStore
    sender: CallbackSender
    ringer: DeliveryRinger
    subscriptions: SubscriptionDeliveries
    keys: Callable[[], CallbackKeys]
    clock: Clock
    random: Callable[[], float]
    monotonic: Callable[[], float] = time.monotonic
    workers: int = SENT_AT_ONCE
    per_receiver: int = 2
    share: int = 2
    budget_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """`failed` events must be delivered again: the database was unavailable. `blocked`: how many of
    the `postponed` were not sent because our own egress failed.
    """

    attempts: tuple[Attempt, ...]
    postponed: int
    failed: frozenset[DueEvent]
    blocked: int = 0


def deliver_callbacks(
    due: Iterable[DueEvent], services: NotifierServices, lane: Lane
) -> DeliveryReport:
    """Attempt once every due delivery of these events that belongs to this lane, then deliveries
    that waited for the slots this took. Raises only for faults in our own configuration.
    """
    run = _Run(services, lane)
    run.deliver(due)
    return DeliveryReport(
        attempts=tuple(run.attempts),
        postponed=run.postponed,
        failed=frozenset(run.failed),
        blocked=run.blocked,
    )


_Slot = tuple[str, bool]  # project, and whether the slot is for receivers known to respond
_Events = Mapping[str, Sequence[int]]  # event numbers by project


def _grouped(due: Iterable[DueEvent]) -> _Events:
    """Event numbers by project, without duplicates."""
    events: dict[str, dict[int, None]] = {}
    for event in due:
        events.setdefault(event.project_id, {})[event.event_no] = None
    return {project_id: list(numbers) for project_id, numbers in events.items()}


class _Run:
    """One batch. Only the calling thread uses the database; the other threads send."""

    def __init__(self, services: NotifierServices, lane: Lane) -> None:
        self._services = services
        self._lane = lane
        self._within = LaneShare(lane=lane, share=services.share)
        self._until = services.monotonic() + services.budget_s
        self._slots: set[_Slot] = set()
        self._sending = Sending(
            sender=services.sender,
            keys=cache(services.keys),
            clock=services.clock,
            monotonic=services.monotonic,
            until=self._until,
            within_s=PATIENCE_S[lane],
            threads=services.workers,
            per_receiver=services.per_receiver,
        )
        self.attempts: list[Attempt] = []
        self.postponed = 0
        self.blocked = 0
        self.failed: set[DueEvent] = set()

    def deliver(self, due: Iterable[DueEvent]) -> None:
        """Continue until nothing waits for the slots held here, or the time is up."""
        try:
            with self._sending as sending:
                self._begin(due)
                while self._slots:
                    if spare := self._spare_slots():
                        self._give_back(spare)
                    else:
                        # Record what has ended in one commit: a slow receiver must not delay other
                        # records.
                        self._record(sending.ended())
        except BaseException:  # which slots this frees is not known
            self._release_all()
            raise

    def _begin(self, due: Iterable[DueEvent]) -> None:
        """Claim deliveries and start sending them."""
        for project_id, event_nos in _grouped(due).items():
            claim = self._claim(project_id, event_nos)
            self._slots.update((project_id, responsive) for responsive in claim.slots)
            self._sending.begin(*self._prepared(claim.deliveries))

    def _prepared(
        self, claimed: Sequence[ClaimedDelivery]
    ) -> tuple[Sequence[ClaimedDelivery], Mapping[str, SubscribedCallback | str]]:
        """Deliveries that can be sent; and of those, the messages for subscriptions by
        delivery id. While the database is unavailable they keep their leases, and their
        messages are delivered again.
        """
        try:
            prepared = self._services.subscriptions.prepare(claimed, now=self._services.clock())
            for each in claimed:
                if (wait_s := prepared.held.get(each.delivery_id)) is not None:
                    self._hand_back(each, wait_s)
            for event in prepared.due:
                self._ring(event, 0.0)
        except Unavailable:
            self.failed.update(_event_of(d) for d in claimed if is_subscription(d.endpoint_id))
            prepared = PreparedDeliveries()
        sent = [
            each
            for each in claimed
            if each.delivery_id in prepared.callbacks or not is_subscription(each.endpoint_id)
        ]
        return sent, prepared.callbacks

    def _spare_slots(self) -> set[_Slot]:
        """Slots no longer needed. A receiver that does not respond must not keep slots from those
        that do; its own are given back together with them.
        """
        if self._sending.is_sending(responsive=True):
            return set()
        if self._sending.is_sending(responsive=False):
            return {slot for slot in self._slots if slot[1]}
        return self._slots

    def _give_back(self, spare: set[_Slot]) -> None:
        """Give slots back, then continue with what waits for them, or let
        another notifier do so.
        """
        # A receiver that has just responded has moved to the responsive group.
        slots = spare | {(project_id, True) for project_id, _ in spare}
        if spare == self._slots:
            self._release_all()
        else:
            self._release_responsive([project_id for project_id, _ in spare])
        self._slots = self._slots - spare
        if self._services.monotonic() < self._until:
            self._begin(self._waiting(slots, limit=_CLAIM_LIMIT))
        else:
            self._pass_on(slots, delay_s=0.0)

    def _release_all(self) -> None:
        with suppress(Unavailable):  # slots of a lost connection are free already
            self._services.store.release_callback_slots()

    def _release_responsive(self, project_ids: Sequence[str]) -> None:
        with suppress(Unavailable):
            self._services.store.release_responsive_slots(project_ids, self._within)

    def _waiting(self, slots: Iterable[_Slot], *, limit: int) -> list[DueEvent]:
        """Deliveries that wait for these slots, now free."""
        due: list[DueEvent] = []
        with suppress(Unavailable):  # the reaper rings for whatever is due
            for project_id, responsive in slots:
                due += self._services.store.find_waiting_events(
                    project_id=project_id, lane=self._lane, responsive=responsive, limit=limit
                )
        return due

    def _pass_on(self, slots: Iterable[_Slot], *, delay_s: float) -> None:
        """Ring for the deliveries waiting for these slots, once per slot, so that other
        notifiers take them.
        """
        for event in self._waiting(slots, limit=1):
            self._ring(event, delay_s)

    def _claim(self, project_id: str, event_nos: Sequence[int]) -> Claim:
        try:
            claim = self._services.store.claim_deliveries(
                project_id=project_id,
                event_nos=event_nos,
                limit=_CLAIM_LIMIT,
                within=self._within,
            )
        except Unavailable:
            self.failed.update(_due(project_id, event_nos))
            return Claim()
        for event in _due(project_id, claim.hand_over):
            self._ring(event, 0.0)
        if claim.crowded:
            # The lane for first attempts may be full where the other has room.
            delay_s = 0.0 if self._lane is Lane.FIRST else CROWDED_WAIT_S
            self._pass_on([(project_id, False)], delay_s=delay_s)
        self.postponed += claim.waiting + claim.crowded + len(claim.hand_over)
        return claim

    def _record(self, ended: Sequence[Sent]) -> None:
        try:
            if answers := [(sent, sent.outcome) for sent in ended if sent.outcome is not None]:
                # In one order, so that two notifiers cannot deadlock on each other's receivers.
                self._settle(sorted(answers, key=lambda answer: _receiver_of(answer[0])))
            for sent in ended:
                if sent.outcome is None:
                    self.blocked += sent.blocked
                    self._hand_back(sent.claimed, sent.rest_s)
        except Unavailable:
            # The leases expire and the messages are delivered again: a receiver may get a callback
            # twice, under one id.
            self.failed.update(_event_of(sent.claimed) for sent in ended)

    def _hand_back(self, claimed: ClaimedDelivery, rest_s: float) -> None:
        self._services.store.hand_back_delivery(
            delivery_id=claimed.delivery_id, leased_until=claimed.leased_until, delay_s=rest_s
        )
        self.postponed += 1
        if rest_s:  # otherwise it waits for a slot; `waiting` will find it
            self._ring(_event_of(claimed), rest_s)

    def _settle(self, answers: Sequence[tuple[Sent, SendOutcome]]) -> None:
        settlements = [
            settlement_of(sent, outcome, lane=self._lane, random=self._services.random())
            for sent, outcome in answers
        ]
        self.attempts += [
            attempt_of(sent, settlement.decision)
            for (sent, _), settlement in zip(answers, settlements, strict=True)
        ]
        settled = self._services.store.settle_delivery(*settlements)
        for (sent, outcome), settlement, ours in zip(answers, settlements, settled, strict=True):
            if ours and settlement.decision.action is DeliveryAction.RETRY:
                self._ring(_event_of(sent.claimed), settlement.decision.delay_s)
            refused = sent.control and settlement.decision.action is DeliveryAction.DEAD
            if ours and is_subscription(sent.claimed.endpoint_id) and not refused:
                for due in self._services.subscriptions.note(sent.claimed, outcome, sent.at):
                    self._ring(due, 0.0)

    def _ring(self, event: DueEvent, delay_s: float) -> None:
        if delay_s > RING_LIMIT_S:
            return
        with suppress(Unavailable):  # the reaper rings for whatever is due
            self._services.ringer.ring(
                project_id=event.project_id, event_no=event.event_no, delay_s=math.ceil(delay_s)
            )


def _event_of(claimed: ClaimedDelivery) -> DueEvent:
    return DueEvent(project_id=claimed.project_id, event_no=claimed.event_no)


def _receiver_of(sent: Sent) -> tuple[str, str]:
    return sent.claimed.endpoint_id or "", sent.claimed.url


def _due(project_id: str, event_nos: Iterable[int]) -> list[DueEvent]:
    return [DueEvent(project_id=project_id, event_no=event_no) for event_no in event_nos]
