"""Sign callbacks and send them in parallel, with few threads for each receiver."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue

from aiwebhook.clock import Clock
from aiwebhook.domain.delivery import DeliveryUnanswered, Outcome, SendFailure
from aiwebhook.domain.signature import CallbackKeys, callback_headers
from aiwebhook.errors import AiWebhookError
from aiwebhook.ports.deliveries import Callback, CallbackSender, ClaimedDelivery
from aiwebhook.usecases.callback_body import callback_body

_RESTED_S = 60.0  # what was spared a receiver that just timed out


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a sending thread reports; `outcome` is None when nothing was sent: the delivery is to be
    due again after `rest_s`."""

    claimed: ClaimedDelivery
    outcome: Outcome | None
    at: datetime
    ms: int
    rest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One exchange takes at most `within_s`, and none begins after `until` (of `monotonic`).
    A receiver holds at most `per_receiver` threads."""

    sender: CallbackSender
    keys: CallbackKeys
    clock: Clock
    monotonic: Callable[[], float]
    until: float
    within_s: float
    threads: int
    per_receiver: int

    def send(self, *groups: Sequence[ClaimedDelivery]) -> Generator[Sent]:
        """All of them, as they end. Each group has threads of its own: none of its receivers
        waits behind another group's."""
        sent: SimpleQueue[Sent] = SimpleQueue()
        with ExitStack() as pools:
            for group in groups:
                turns = _turns(group, self.per_receiver)
                size = min(self.threads, max(1, len(turns)))
                pool = pools.enter_context(ThreadPoolExecutor(size))
                for turn in turns:
                    pool.submit(self._send_in_turn, turn, sent)
            for _ in range(sum(len(group) for group in groups)):
                yield sent.get()

    def _send_in_turn(self, turn: Sequence[ClaimedDelivery], sent: SimpleQueue[Sent]) -> None:
        """One after the other to one receiver; after a timeout the rest is spared it, and us."""
        rest_s = 0.0
        for claimed in turn:
            at, start = self.clock(), self.monotonic()
            outcome: Outcome | None = None
            if not rest_s and start < self.until:
                outcome = self._send(claimed, at)
                if isinstance(outcome, DeliveryUnanswered) and outcome.fault is SendFailure.TIMEOUT:
                    rest_s = _RESTED_S
            ms = round((self.monotonic() - start) * 1000)
            sent.put(Sent(claimed=claimed, outcome=outcome, at=at, ms=ms, rest_s=rest_s))

    def _send(self, claimed: ClaimedDelivery, at: datetime) -> Outcome:
        try:
            callback = signed_callback(claimed, self.keys, at)
        except (AiWebhookError, ValueError, TypeError) as exc:
            # A callback that cannot be built would otherwise come back for ever.
            return DeliveryUnanswered(fault=SendFailure.BODY, detail=type(exc).__name__)
        try:
            return self.sender.send(callback, within_s=self.within_s)
        except Exception as exc:  # noqa: BLE001 - a thread dying unreported would hang the batch
            return DeliveryUnanswered(
                fault=SendFailure.PROTOCOL, detail=f"unexpected {type(exc).__name__}"
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
