"""Deliver callbacks: claim what is due, sign, send in parallel, write down what came of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from queue import SimpleQueue
from typing import TYPE_CHECKING

from aiwebhook.clock import Clock
from aiwebhook.domain.delivery import (
    Decision,
    DeliveryAction,
    DeliveryUnanswered,
    Outcome,
    SendFailure,
    Standing,
    decide,
    log_entry,
)
from aiwebhook.domain.lane import PATIENCE_S, Lane
from aiwebhook.domain.signature import CallbackKeys, callback_headers
from aiwebhook.errors import AiWebhookError, Unavailable
from aiwebhook.ports.deliveries import (
    Callback,
    CallbackSender,
    ClaimedDelivery,
    DeliverySettlement,
    DueEvent,
    LaneShare,
)
from aiwebhook.ports.messaging import DeliveryRinger
from aiwebhook.usecases.callback_body import callback_body

if TYPE_CHECKING:
    from aiwebhook.postgres.delivery_store import PostgresDeliveryStore

RING_LIMIT_S = 900  # SQS delays no longer; the reaper rings for longer steps
_CLAIM_LIMIT = 50  # deliveries of one event in one go; the rest is rung for again
_RESTED_S = 60.0  # what was spared a receiver that just timed out


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierServices:
    """What the use case works with. `keys` is asked once per batch, because secrets are read late.

    `workers` threads send; one receiver never holds more than `per_receiver` of them, and nothing
    new is begun after `budget_s`. One project occupies at most `share` notifiers of a lane with
    receivers that are known to answer, and as many with the others.
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
class Attempt:
    """One attempt, as logs and metrics want it. `age_s`: since the event happened."""

    delivery_id: str
    project_id: str
    event_type: str
    correlation_id: str | None
    number: int
    action: DeliveryAction
    reason: str
    ms: int
    age_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """`failed` events are to be given to us again: the database was away."""

    attempts: tuple[Attempt, ...]
    postponed: int
    failed: frozenset[DueEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """What a sending thread reports; `outcome` is None when it spared the receiver."""

    claimed: ClaimedDelivery
    outcome: Outcome | None
    at: datetime
    ms: int


def deliver_callbacks(
    due: Iterable[DueEvent], services: NotifierServices, lane: Lane
) -> DeliveryReport:
    """Attempt every due delivery of these events that has its place in this lane once.

    Raises only for our own configuration.
    """
    run = _Run(services, lane)
    try:
        claimed = list(chain.from_iterable(run.claim(event) for event in dict.fromkeys(due)))
        if claimed:
            run.send_all(claimed, services.keys())
    finally:
        run.release()
    return DeliveryReport(
        attempts=tuple(run.attempts), postponed=run.postponed, failed=frozenset(run.failed)
    )


class _Run:
    """One batch. The database is used by the calling thread alone; threads only send."""

    def __init__(self, services: NotifierServices, lane: Lane) -> None:
        self._services = services
        self._lane = lane
        self._until = services.monotonic() + services.budget_s
        self.attempts: list[Attempt] = []
        self.postponed = 0
        self.failed: set[DueEvent] = set()

    def claim(self, event: DueEvent) -> Sequence[ClaimedDelivery]:
        store = self._services.store
        try:
            claim = store.claim_deliveries(
                project_id=event.project_id,
                event_no=event.event_no,
                limit=_CLAIM_LIMIT,
                within=LaneShare(lane=self._lane, share=self._services.share),
            )
        except Unavailable:
            self.failed.add(event)
            return ()
        if claim.waiting:
            self.postponed += claim.waiting
            self._ring(event, 0.0 if self._lane is Lane.FIRST else claim.claim_again_s)
        elif len(claim.deliveries) == _CLAIM_LIMIT:
            self._ring(event, 0.0)
        return claim.deliveries

    def release(self) -> None:
        """Slots that a lost connection held are free already."""
        with suppress(Unavailable):
            self._services.store.release_callback_slots()

    def send_all(self, claimed: Sequence[ClaimedDelivery], keys: CallbackKeys) -> None:
        sent: SimpleQueue[_Sent] = SimpleQueue()
        with ExitStack() as pools:
            # Two pools, so that no receiver known to answer waits for a thread behind others.
            for responsive in (True, False):
                group = [c for c in claimed if (c.responsive is True) is responsive]
                turns = _turns(group, self._services.per_receiver)
                size = min(self._services.workers, max(1, len(turns)))
                pool = pools.enter_context(ThreadPoolExecutor(max_workers=size))
                for turn in turns:
                    pool.submit(self._send_in_turn, turn, keys, sent)
            # Written down one by one as they end: a slow receiver delays nobody's record.
            for _ in claimed:
                self._record(sent.get())

    def _send_in_turn(
        self, turn: Sequence[ClaimedDelivery], keys: CallbackKeys, sent: SimpleQueue[_Sent]
    ) -> None:
        """One after the other to one receiver; after a timeout the rest is spared it, and us."""
        spared = False
        for claimed in turn:
            at, start = self._services.clock(), self._services.monotonic()
            outcome: Outcome | None = None
            if not spared and start < self._until:
                outcome = self._send(claimed, keys, at)
                spared = (
                    isinstance(outcome, DeliveryUnanswered) and outcome.fault is SendFailure.TIMEOUT
                )
            ms = round((self._services.monotonic() - start) * 1000)
            sent.put(_Sent(claimed=claimed, outcome=outcome, at=at, ms=ms))

    def _send(self, claimed: ClaimedDelivery, keys: CallbackKeys, at: datetime) -> Outcome:
        try:
            callback = signed_callback(claimed, keys, at)
        except (AiWebhookError, ValueError, TypeError) as exc:
            # A callback that cannot be built would otherwise come back for ever.
            return DeliveryUnanswered(fault=SendFailure.BODY, detail=type(exc).__name__)
        try:
            return self._services.sender.send(callback, within_s=PATIENCE_S[self._lane])
        except Exception as exc:  # noqa: BLE001 - a thread dying unreported would hang the batch
            return DeliveryUnanswered(
                fault=SendFailure.PROTOCOL, detail=f"unexpected {type(exc).__name__}"
            )

    def _record(self, sent: _Sent) -> None:
        claimed = sent.claimed
        event = DueEvent(project_id=claimed.project_id, event_no=claimed.event_no)
        try:
            if sent.outcome is None:
                self._hand_back(claimed, event)
            else:
                self._settle(sent, sent.outcome, event)
        except Unavailable:
            # The lease runs out, and the message comes again: the receiver may hear it twice, by
            # one id.
            self.failed.add(event)

    def _hand_back(self, claimed: ClaimedDelivery, event: DueEvent) -> None:
        self._services.store.hand_back_delivery(
            delivery_id=claimed.delivery_id, leased_until=claimed.leased_until, delay_s=_RESTED_S
        )
        self.postponed += 1
        self._ring(event, _RESTED_S)

    def _settle(self, sent: _Sent, outcome: Outcome, event: DueEvent) -> None:
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
        self.attempts.append(_attempt(sent, decision))
        if services.store.settle_delivery(settlement) and decision.action is DeliveryAction.RETRY:
            self._ring(event, decision.delay_s)

    def _ring(self, event: DueEvent, delay_s: float) -> None:
        if delay_s > RING_LIMIT_S:
            return
        with suppress(Unavailable):  # the reaper rings for whatever is due
            self._services.ringer.ring(
                project_id=event.project_id, event_no=event.event_no, delay_s=math.ceil(delay_s)
            )


def signed_callback(claimed: ClaimedDelivery, keys: CallbackKeys, at: datetime) -> Callback:
    """The request: its message id is the delivery's id, the same at every attempt."""
    body = callback_body(claimed)
    if claimed.endpoint_id is None:
        secrets: tuple[str, ...] = (keys.project_secret(claimed.project_id),)
    else:
        secrets = keys.live_secrets(
            claimed.endpoint_id, claimed.secret_version, rotating=claimed.rotating
        )
    headers = callback_headers(secrets, claimed.delivery_id, int(at.timestamp()), body)
    return Callback(url=claimed.url, headers=headers, body=body)


def _turns(claimed: Sequence[ClaimedDelivery], width: int) -> list[list[ClaimedDelivery]]:
    """At most `width` sequences per receiver: an endpoint, or else a host."""
    receivers: dict[str, list[ClaimedDelivery]] = {}
    for delivery in claimed:
        receiver = delivery.endpoint_id or "/".join(delivery.url.split("/", 3)[:3])
        receivers.setdefault(receiver, []).append(delivery)
    turns = [group[start::width] for group in receivers.values() for start in range(width)]
    return [turn for turn in turns if turn]


def _attempt(sent: _Sent, decision: Decision) -> Attempt:
    claimed = sent.claimed
    ended = sent.at.timestamp() + sent.ms / 1000
    return Attempt(
        delivery_id=claimed.delivery_id,
        project_id=claimed.project_id,
        event_type=claimed.event_type,
        correlation_id=claimed.correlation_id,
        number=claimed.attempts,
        action=decision.action,
        reason=decision.reason,
        ms=sent.ms,
        age_s=round(max(0.0, ended - claimed.created_at.timestamp()), 3),
    )
