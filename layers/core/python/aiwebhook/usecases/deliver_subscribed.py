"""Delivery to subscriptions: which secrets sign, what the body says, and how the subscription
changes. Claims, lanes, the circuit breaker and settling are those of every callback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.cursors import event_cursor
from aiwebhook.domain.delivery import DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.domain.occurrence import LoggedEvent, occurrence
from aiwebhook.domain.quiet_hold import Hold, Replaced, hold
from aiwebhook.domain.secret_box import NotSealed, SecretBox
from aiwebhook.domain.subscription import is_subscription
from aiwebhook.domain.subscription_delivery import error_word
from aiwebhook.domain.wake_budget import Wake, WakeBudget, Withheld
from aiwebhook.ports.deliveries import Callback, ClaimedDelivery, DueEvent
from aiwebhook.ports.subscriptions import SubscribedDelivery
from aiwebhook.usecases.subscription_message import LARGEST, Receiver, body_of

if TYPE_CHECKING:
    from aiwebhook.postgres.subscription_store import PostgresSubscriptionStore

_ENDED = "the subscription has ended"
_UNREADABLE = "the subscription's secret cannot be read"
_Fate = bytes | Wake | Hold | Replaced | Withheld
"""The body that was kept, or whether one is made now, and why not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribedCallback:
    """A delivery to a subscription, its body stored, to be signed when it is sent."""

    receiver: Receiver
    event_id: str
    body: bytes

    def signed(self, at: datetime) -> Callback:
        """The signed request. The message id is the event's, the same at every attempt."""
        return self.receiver.message(self.event_id, self.body, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDeliveries:
    """What becomes of claimed deliveries of subscriptions, by delivery: the callback to send, or
    why it cannot be made; or for how many seconds it is to wait. Others are over.
    """

    callbacks: Mapping[str, SubscribedCallback | str] = field(default_factory=dict[str, Any])
    held: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionDeliveries:
    """Subscriptions for the notifier. `box` is called when first needed. Raises Unavailable."""

    store: PostgresSubscriptionStore
    box: Callable[[], SecretBox]

    def prepare(self, claimed: Sequence[ClaimedDelivery], *, now: datetime) -> PreparedDeliveries:
        """New bodies are stored before anything is sent, so that every attempt sends
        the same bytes.
        """
        subscribed = {d.delivery_id: d for d in claimed if is_subscription(d.endpoint_id)}
        if not subscribed:
            return PreparedDeliveries()
        rows = self.store.subscribed_deliveries(list(subscribed))
        for ended in {(r.project_id, r.subscription_id) for r in rows if not r.live}:
            self.store.unsubscribe(project_id=ended[0], subscription_id=ended[1])
        live = {row.delivery_id: row for row in rows if row.live}
        fates = _fates(list(live.values()), now)
        bodies = self._kept(fates, live, subscribed)
        callbacks: dict[str, SubscribedCallback | str] = {
            name: self._callback(live[name], subscribed[name], body)
            for name, body in bodies.items()
        }
        return PreparedDeliveries(
            callbacks=callbacks | dict.fromkeys(subscribed.keys() - live.keys(), _ENDED),
            held={name: fate.for_s for name, fate in fates.items() if isinstance(fate, Hold)},
        )

    def _kept(
        self,
        fates: Mapping[str, _Fate],
        live: Mapping[str, SubscribedDelivery],
        claimed: Mapping[str, ClaimedDelivery],
    ) -> Mapping[str, bytes]:
        """The bodies, those that are made now kept like the others; and what is over."""
        made = {
            name: _body(live[name], claimed[name], fate)
            for name, fate in fates.items()
            if isinstance(fate, Wake)
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
        return made | {name: row.body for name, row in live.items() if row.body is not None}

    def _callback(
        self, row: SubscribedDelivery, delivery: ClaimedDelivery, body: bytes
    ) -> SubscribedCallback | str:
        try:
            receiver = self._receiver(row, delivery.url)
        except NotSealed:  # sealed under another master key: it can no longer be signed
            return _UNREADABLE
        return SubscribedCallback(receiver=receiver, event_id=delivery.event_id, body=body)

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


def _fates(live: Sequence[SubscribedDelivery], now: datetime) -> Mapping[str, _Fate]:
    """What was begun goes on; of the others, oldest events first, what may be sent now as far as
    the wakes go.
    """
    budget = WakeBudget()
    return {
        row.delivery_id: row.body or hold(row.timing, now=now) or budget.take(row.wakes)
        for row in sorted(live, key=lambda row: row.written_at)
    }


def _body(row: SubscribedDelivery, claimed: ClaimedDelivery, wake: Wake) -> bytes:
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
    cursor = event_cursor(row.settled_xid, row.settled_no)
    document = occurrence(row.name, logged, cursor=cursor)
    document["data"]["wakes_left"] = wake.left
    if wake.notice is not None:
        document["data"]["notice"] = wake.notice
    body = body_of(document)
    if len(body) > LARGEST:
        raise AssertionError("an occurrence has bounded texts")
    return body
