"""Signs callbacks and sends them in parallel, with a limited number of threads per receiver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from queue import SimpleQueue
from types import MappingProxyType
from typing import Self

from aiwebhook.clock import Clock
from aiwebhook.domain.delivery import DeliveryUnanswered, SendFailure, SendOutcome
from aiwebhook.domain.signature import CallbackKeys, callback_headers
from aiwebhook.domain.subscription import is_subscription
from aiwebhook.errors import AiWebhookError, Unavailable
from aiwebhook.ports.deliveries import Callback, CallbackSender, ClaimedDelivery
from aiwebhook.usecases.callback_body import callback_body
from aiwebhook.usecases.deliver_subscribed import SubscribedCallback

SENT_AT_ONCE = 64
"""How many callbacks one notifier sends at once if each costs only a thread."""
_RESTED_S = 60.0  # seconds that a receiver is left alone after a timeout
_THROTTLED_S, _AWAY_S = (
    2.0,
    15.0,
)  # seconds until a retry when our own egress is throttled or unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The result of one send; `outcome` is None when nothing was sent: the delivery is due again
    after `rest_s` seconds. `control`: it was a control message, not an event. `blocked`: nothing
    was sent because our own egress refused it, which is not the receiver's fault.
    """

    claimed: ClaimedDelivery
    outcome: SendOutcome | None
    at: datetime
    ms: int
    rest_s: float
    control: bool = False
    blocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blocked:
    """Nothing could be sent; retry after `rest_s` seconds."""

    rest_s: float


@dataclass(slots=True, kw_only=True)
class Sending:
    """The sending threads; leaving the `with` block waits for them. Receivers known to respond have
    threads of their own, so that none waits behind the others.

    One exchange takes at most `within_s`, and none begins after `until` (of `monotonic`).
    A receiver occupies at most `per_receiver` threads of one `begin`. `keys` is called at
    the first send.
    """

    sender: CallbackSender
    keys: Callable[[], CallbackKeys]
    clock: Clock
    monotonic: Callable[[], float]
    until: float
    within_s: float
    threads: int
    per_receiver: int
    _sent: SimpleQueue[Sent] = field(init=False, default_factory=SimpleQueue["Sent"])
    _pools: Mapping[bool, ThreadPoolExecutor] = field(init=False)
    _under_way: Counter[bool] = field(init=False, default_factory=Counter[bool])

    def __enter__(self) -> Self:
        self._pools = {kind: ThreadPoolExecutor(self.threads) for kind in (True, False)}
        return self

    def __exit__(self, *_: object) -> None:
        for pool in self._pools.values():
            pool.shutdown()

    def is_sending(self, *, responsive: bool) -> bool:
        """Whether a send to such receivers has begun and `ended` has not returned it yet."""
        return self._under_way[responsive] > 0

    def begin(
        self,
        claimed: Sequence[ClaimedDelivery],
        subscribed: Mapping[str, SubscribedCallback | str] = MappingProxyType({}),
    ) -> None:
        """Start sending; those in `subscribed` go to subscriptions. `ended` returns the results."""
        for turn in _turns(claimed, self.per_receiver):
            kind = turn[0].responsive is True
            self._under_way[kind] += len(turn)
            sign = _Signing(keys=self.keys(), subscribed=subscribed)
            self._pools[kind].submit(self._send_in_turn, turn, sign)

    def ended(self) -> list[Sent]:
        """Wait for at least one result; returns all that are ready."""
        sent = [self._sent.get()]
        while not self._sent.empty():
            sent.append(self._sent.get())
        self._under_way.subtract(each.claimed.responsive is True for each in sent)
        return sent

    def _send_in_turn(self, turn: Sequence[ClaimedDelivery], sign: _Signing) -> None:
        """Send to one receiver in turn; after a timeout, or when our own egress refuses, skip
        its remaining deliveries.
        """
        rest_s, blocked = 0.0, False
        for claimed in turn:
            at, start = self.clock(), self.monotonic()
            outcome: SendOutcome | None = None
            if not rest_s and start < self.until:
                sent = self._send(claimed, sign, at)
                if isinstance(sent, _Blocked):
                    rest_s, blocked = sent.rest_s, True
                else:
                    outcome = sent
                if isinstance(outcome, DeliveryUnanswered) and outcome.fault is SendFailure.TIMEOUT:
                    rest_s = _RESTED_S
            ms = round((self.monotonic() - start) * 1000)
            self._sent.put(
                Sent(
                    claimed=claimed,
                    outcome=outcome,
                    at=at,
                    ms=ms,
                    rest_s=rest_s,
                    control=sign.is_control(claimed),
                    blocked=blocked,
                )
            )

    def _send(
        self, claimed: ClaimedDelivery, sign: _Signing, at: datetime
    ) -> SendOutcome | _Blocked:
        try:
            callback = sign.signed(claimed, at)
            if isinstance(callback, str):
                return DeliveryUnanswered(fault=SendFailure.BODY, detail=callback)
        except (AiWebhookError, ValueError, TypeError) as exc:
            # A callback that cannot be built would otherwise be retried for ever.
            return DeliveryUnanswered(fault=SendFailure.BODY, detail=type(exc).__name__)
        try:
            return self.sender.send(callback, within_s=self.within_s)
        except Unavailable as exc:
            return _Blocked(rest_s=_THROTTLED_S if exc.code == "aws_throttled" else _AWAY_S)
        except Exception as exc:  # noqa: BLE001 - a thread that dies unreported would hang the batch
            return DeliveryUnanswered(
                fault=SendFailure.PROTOCOL, detail=f"unexpected {type(exc).__name__}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signing:
    """How the requests of one claim are signed."""

    keys: CallbackKeys
    subscribed: Mapping[str, SubscribedCallback | str]

    def is_control(self, claimed: ClaimedDelivery) -> bool:
        """Whether it is a message about a subscription, not an event."""
        prepared = self.subscribed.get(claimed.delivery_id)
        return isinstance(prepared, SubscribedCallback) and prepared.message.control is not None

    def signed(self, claimed: ClaimedDelivery, at: datetime) -> Callback | str:
        """The signed request, or the reason not to send it to a subscription."""
        if not is_subscription(claimed.endpoint_id):
            return signed_callback(claimed, self.keys, at)
        prepared = self.subscribed[claimed.delivery_id]
        return prepared if isinstance(prepared, str) else prepared.signed(at)


def signed_callback(claimed: ClaimedDelivery, keys: CallbackKeys, at: datetime) -> Callback:
    """The signed request. The message id is the delivery's id, the same at every attempt."""
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
    """At most `width` sequences per receiver: an endpoint, or else a host. One for a subscription,
    so that a chat receives events in the order in which they happened.
    """
    receivers: dict[str, list[ClaimedDelivery]] = {}
    for delivery in claimed:
        receiver = delivery.endpoint_id or "/".join(delivery.url.split("/", 3)[:3])
        receivers.setdefault(receiver, []).append(delivery)
    turns = [
        group[start::step]
        for group in receivers.values()
        for step in (1 if is_subscription(group[0].endpoint_id) else width,)
        for start in range(step)
    ]
    return [turn for turn in turns if turn]
