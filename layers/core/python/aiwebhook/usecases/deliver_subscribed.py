"""Delivery to subscriptions: the signing secrets, the body, and the subscription's new state.
Claims, lanes, the circuit breaker and settling are those of every callback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.control_message import ControlType, EndReason, gap, message_id, terminated
from aiwebhook.domain.cursors import event_cursor
from aiwebhook.domain.delivery import DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.domain.events_refusal import ErrorCodes
from aiwebhook.domain.occurrence import LoggedEvent, occurrence, say_after_gap
from aiwebhook.domain.quiet_hold import Hold, Replaced, hold
from aiwebhook.domain.secret_box import NotSealed, SecretBox
from aiwebhook.domain.subscription import is_subscription
from aiwebhook.domain.subscription_delivery import error_word
from aiwebhook.domain.wake_budget import Wake, WakeBudget, Withheld
from aiwebhook.ports.deliveries import Callback, ClaimedDelivery, DueEvent
from aiwebhook.ports.subscriptions import SubscribedDelivery, SubscriptionMessage
from aiwebhook.usecases.subscription_message import LARGEST, Receiver, body_of

if TYPE_CHECKING:
    from aiwebhook.postgres.subscription_store import PostgresSubscriptionStore

_ENDED = "the subscription has ended"
_UNREADABLE = "the subscription's secret cannot be read"
_Fate = SubscriptionMessage | Hold | Replaced | Withheld
"""The callback to send, or why none is sent now or ever."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribedCallback:
    """A delivery to a subscription whose body is stored, to be signed when it is sent."""

    receiver: Receiver
    event_id: str
    message: SubscriptionMessage

    def signed(self, at: datetime) -> Callback:
        """The signed request. The message id is the event's, or derived from it, and the same
        at every attempt.
        """
        control = self.message.control
        name = self.event_id if control is None else message_id(control, self.event_id)
        return self.receiver.message(name, self.message.body, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDeliveries:
    """By delivery: the callback to send, or why it cannot be built, or for how many seconds it must
    wait. Deliveries not listed are over. `due`: events to ring for.
    """

    callbacks: Mapping[str, SubscribedCallback | str] = field(default_factory=dict[str, Any])
    held: Mapping[str, float] = field(default_factory=dict[str, float])
    due: Sequence[DueEvent] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionDeliveries:
    """Subscriptions for the notifier. `box` is called when first needed. Raises Unavailable."""

    store: PostgresSubscriptionStore
    box: Callable[[], SecretBox]

    def prepare(self, claimed: Sequence[ClaimedDelivery], *, now: datetime) -> PreparedDeliveries:
        """Prepare claimed deliveries. New bodies are stored before anything is sent, so that every
        attempt sends the same bytes.
        """
        subscribed = {d.delivery_id: d for d in claimed if is_subscription(d.endpoint_id)}
        if not subscribed:
            return PreparedDeliveries()
        rows = self.store.subscribed_deliveries(list(subscribed))
        due = self._end(rows)
        sendable = {row.delivery_id: row for row in rows if row.live or _is_farewell(row)}
        fates = _fates(list(sendable.values()), subscribed, now)
        self._keep(fates, sendable, subscribed)
        callbacks: dict[str, SubscribedCallback | str] = {
            name: self._callback(sendable[name], subscribed[name], fate)
            for name, fate in fates.items()
            if isinstance(fate, SubscriptionMessage)
        }
        return PreparedDeliveries(
            callbacks=callbacks | dict.fromkeys(subscribed.keys() - sendable.keys(), _ENDED),
            held={name: fate.for_s for name, fate in fates.items() if isinstance(fate, Hold)},
            due=due,
        )

    def _end(self, rows: Sequence[SubscribedDelivery]) -> Sequence[DueEvent]:
        """End subscriptions that expired or cannot continue, and notify their receivers."""
        over = {
            (row.project_id, row.subscription_id): row.broken_by if row.granted else None
            for row in rows
            if not row.live and not row.ended
        }
        due: list[DueEvent] = []
        for (project_id, subscription_id), reason in over.items():
            if reason is None:
                self.store.unsubscribe(project_id=project_id, subscription_id=subscription_id)
                continue
            ended = self.store.end_subscription(
                project_id=project_id, subscription_id=subscription_id, reason=reason
            )
            due += () if ended is None else ended.due
        return due

    def _keep(
        self,
        fates: Mapping[str, _Fate],
        rows: Mapping[str, SubscribedDelivery],
        claimed: Mapping[str, ClaimedDelivery],
    ) -> None:
        made = {
            name: fate
            for name, fate in fates.items()
            if isinstance(fate, SubscriptionMessage) and rows[name].body is None
        }
        if made:
            self.store.keep_bodies(made)
        passed = [
            (claimed[name], fate.reason)
            for name, fate in fates.items()
            if isinstance(fate, (Replaced, Withheld))
        ]
        if passed:
            self.store.pass_over_deliveries(passed)

    def _callback(
        self, row: SubscribedDelivery, delivery: ClaimedDelivery, message: SubscriptionMessage
    ) -> SubscribedCallback | str:
        try:
            receiver = self._receiver(row, delivery.url)
        except NotSealed:  # sealed under another master key: it can no longer be signed
            return _UNREADABLE
        return SubscribedCallback(receiver=receiver, event_id=delivery.event_id, message=message)

    def note(
        self, claimed: ClaimedDelivery, outcome: SendOutcome, at: datetime
    ) -> Sequence[DueEvent]:
        """Record the outcome; returns events to ring for when the receiver responds again."""
        if isinstance(outcome, DeliveryUnanswered) and outcome.fault is SendFailure.BODY:
            return ()  # nothing was sent
        project_id, subscription_id = claimed.project_id, claimed.endpoint_id or ""
        error = error_word(outcome)
        self.store.note_subscription(
            project_id=project_id, subscription_id=subscription_id, error=error, at=at
        )
        if error is not None or not claimed.failures:
            return ()
        return self.store.wake_subscription(project_id=project_id, subscription_id=subscription_id)

    def _receiver(self, row: SubscribedDelivery, url: str) -> Receiver:
        boxes = [box for box in (row.secret_box, row.previous_box) if box is not None]
        secrets = tuple(self.box().open(row.subscription_id, box) for box in boxes)
        return Receiver(subscription_id=row.subscription_id, url=url, secrets=secrets)


def _is_farewell(row: SubscribedDelivery) -> bool:
    return row.control == ControlType.TERMINATED and row.granted


def _fates(
    rows: Sequence[SubscribedDelivery], claimed: Mapping[str, ClaimedDelivery], now: datetime
) -> Mapping[str, _Fate]:
    """What was begun goes on; of the others, oldest events first, what may be sent now as far as
    the wakes go. The first that is withheld tells of the gap that begins, in its own place.
    """
    budget, fates = WakeBudget(), dict[str, _Fate]()
    gaps = {row.subscription_id for row in rows if row.gap}
    for row in sorted(rows, key=lambda row: row.written_at):
        fate = _farewell(row) or row.message or hold(row.timing, now=now) or budget.take(row.wakes)
        if isinstance(fate, Withheld) and row.subscription_id not in gaps:
            gaps.add(row.subscription_id)
            fate = _control(ControlType.GAP, gap(event_cursor(row.settled_xid, row.settled_no - 1)))
        if isinstance(fate, Wake):
            open_gap = row.subscription_id in gaps
            gaps.discard(row.subscription_id)
            fate = _event(row, claimed[row.delivery_id], fate, after_gap=open_gap)
        fates[row.delivery_id] = fate
    return fates


def _farewell(row: SubscribedDelivery) -> SubscriptionMessage | Replaced | None:
    if row.control != ControlType.TERMINATED:
        return None
    if row.live:
        return Replaced(reason="its client has subscribed anew")
    reason = EndReason(row.ended_because or EndReason.ENDED)
    return row.message or _control(
        ControlType.TERMINATED, terminated(reason, ErrorCodes(row.codes))
    )


def _control(control: ControlType, document: Json) -> SubscriptionMessage:
    return SubscriptionMessage(body=body_of(document), control=control)


def _cursor(row: SubscribedDelivery) -> str:
    return event_cursor(row.settled_xid, row.settled_no)


def _event(
    row: SubscribedDelivery, claimed: ClaimedDelivery, wake: Wake, *, after_gap: bool
) -> SubscriptionMessage:
    logged = LoggedEvent(
        event_id=claimed.event_id,
        type=claimed.event_type,
        created_at=claimed.created_at,
        session_id=claimed.session_id,
        seq=claimed.seq,
        task_id=claimed.task_id,
        data=claimed.event_data,
        session_title=row.session_title,
        agent_name=claimed.agent_name,
        by_itself=row.by_itself,
    )
    document = occurrence(row.name, logged, cursor=_cursor(row))
    data: Json = document["data"]
    data["wakes_left"] = wake.left
    if wake.notice is not None:
        data["notice"] = wake.notice
    if after_gap:
        data |= {"gap": True, "say": say_after_gap(data["say"])}
    body = body_of(document)
    if len(body) > LARGEST:
        raise AssertionError("an occurrence has bounded texts")
    return SubscriptionMessage(body=body)
