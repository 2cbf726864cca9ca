"""Follows a channel: each delivery is handed on in order, then acknowledged; at least once.

A repeat comes only after a crash between the target's answer and the acknowledgement, under the
same delivery id. A thread renews the lease meanwhile. Who lost it, asleep for instance, drops what
is under way: the server takes no acknowledgement under an older lease.
"""

from __future__ import annotations

import base64
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from aiwebhook.client.contents import artifact_bytes
from aiwebhook.client.retry import RetryPolicy
from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.listening.channel_calls import ChannelCalls
from aiwebhook_cli.listening.handing_on import Attempted, HandOn, Verdict

Json = dict[str, Any]
Answered = TypeVar("Answered")
TRIES = 3
_LADDER = RetryPolicy(attempts=sys.maxsize, base_s=0.5, cap_s=30.0, patience_s=3600.0)
_LONGEST = 7
_TAKEN = "channel_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerOutside:
    """What a listener needs of the world. `hint` takes a sentence for whoever watches, `show` a
    delivery with how it ended.
    """

    hint: Callable[[str], None]
    show: Callable[[Json, Attempted], None]
    pause: Callable[[float], object]


class LeaseGone(Exception):
    """Another client holds the channel, or has held it since."""


class Listener:
    """Hands on what comes on one channel."""

    def __init__(
        self, calls: ChannelCalls, handle: HandOn, outside: ListenerOutside, *, since: str | None
    ) -> None:
        """`since`: rewinds the channel once, at the first claim."""
        self._calls, self._handle, self._outside = calls, handle, outside
        self._since = since
        self._epoch: int = 0
        self._behind = ""
        """The cursor that was acknowledged last."""
        self._stopped = threading.Event()

    def run(self, *, rounds: int | None = None) -> None:
        """Until it is interrupted, or so many polls. Raises what no repetition changes."""
        keeper = threading.Thread(target=self._keep, daemon=True)
        keeper.start()
        try:
            while rounds is None or rounds > 0:
                self._round()
                rounds = None if rounds is None else rounds - 1
        finally:
            self._stopped.set()
            self._let_go()

    def _round(self) -> None:
        try:
            epoch: int = self._epoch or self._claim()
            page = self._asked(partial(self._polled, epoch))
            if page["truncated"]:
                self._outside.hint("Some earlier deliveries are no longer kept and were not told.")
            for delivery in page["items"]:
                whole = self._fetched(delivery)
                if whole is None:
                    return
                self._hand_on(epoch, whole)
            last = page["items"][-1]["cursor"] if page["items"] else None
            if page["next_cursor"] not in (last, self._behind):
                self._acknowledge(epoch, page["next_cursor"])
            if not page["items"] and page.get("next_poll_ms"):
                self._outside.pause(page["next_poll_ms"] / 1000)
        except LeaseGone:
            self._epoch = 0

    def _polled(self, epoch: int) -> Json:
        return self._calls.poll(epoch)

    def _claim(self) -> int:
        """The epoch, however long another client holds the channel, which is said once."""
        failures = 0
        while True:
            try:
                held = self._asked(lambda: self._calls.claim(since=self._since))
            except LeaseGone:
                failures += 1
                if failures == 1:
                    name = self._calls.channel
                    self._outside.hint(f"Another client listens on {name}: standing by.")
                self._outside.pause(min(5.0, self._calls.lease_s / 3))
            else:
                self._since = None
                self._epoch, self._behind = held["lease_epoch"], held["cursor"]
                return self._epoch

    def _fetched(self, delivery: Json) -> Json | None:
        """The delivery with its bytes; None where they did not come: the next poll says anew where
        they are, because an address works for 15 minutes only.
        """
        if delivery["body_base64"] is not None:
            return delivery
        try:
            raw = artifact_bytes({"content_url": delivery["body_url"]})
        except AiWebhookError as error:
            self._outside.hint(f"{delivery['delivery_id']}: {error.detail}")
            self._outside.pause(_pause_s(1, None))
            return None
        return {**delivery, "body_base64": base64.b64encode(raw).decode("ascii")}

    def _hand_on(self, epoch: int, delivery: Json) -> None:
        tried = self._tried(epoch, delivery)
        failure = None if tried.verdict is Verdict.DONE else tried.reason
        self._acknowledge(
            epoch, delivery["cursor"], delivery_id=delivery["delivery_id"], failure=failure
        )
        self._outside.show(delivery, tried)

    def _tried(self, epoch: int, delivery: Json) -> Attempted:
        """How the last try ended: nobody there holds the channel, a fault is tried three times."""
        away = broken = 0
        while True:
            if self._epoch != epoch:
                raise LeaseGone
            tried = self._handle(delivery)
            if tried.verdict is Verdict.AWAY:
                away += 1
                if away == 1:
                    self._outside.hint(
                        f"The target is away: {tried.reason}. {delivery['delivery_id']} waits,"
                        " and all behind it."
                    )
            elif tried.verdict is Verdict.BROKEN:
                broken += 1
            if tried.verdict in (Verdict.DONE, Verdict.REFUSED) or broken >= TRIES:
                if away:
                    self._outside.hint("The target answers again.")
                return tried
            self._outside.pause(_pause_s(away + broken, None))

    def _acknowledge(self, epoch: int, cursor: str, **more: str | None) -> None:
        self._asked(lambda: self._calls.acknowledge(epoch, cursor, **more))
        self._behind = cursor

    def _asked(self, ask: Callable[[], Answered]) -> Answered:
        """The answer, however long the server is away. Raises LeaseGone."""
        failures = 0
        while True:
            try:
                answer = ask()
            except AiWebhookError as error:
                if error.code == _TAKEN:
                    raise LeaseGone from error
                if not error.retryable:
                    raise
                failures += 1
                if failures == 1:
                    self._outside.hint(f"{error.detail} Trying again; no delivery is lost.")
                self._outside.pause(_pause_s(failures, error.retry_after_s))
            else:
                if failures:
                    self._outside.hint("The server answers again.")
                return answer

    def _keep(self) -> None:
        """Renew the lease while there is one."""
        while not self._stopped.wait(self._calls.lease_s / 3):
            if not self._epoch:
                continue
            try:
                held = self._calls.claim()
            except AiWebhookError as error:
                if error.code == _TAKEN:
                    self._epoch = 0
            else:
                # A greater one: it ran out meanwhile, and another may have moved the channel.
                self._epoch = 0 if held["lease_epoch"] != self._epoch else self._epoch

    def _let_go(self) -> None:
        if not self._epoch:
            return
        try:
            self._calls.release(self._epoch)
        except AiWebhookError:
            return  # it runs out by itself


def _pause_s(failures: int, retry_after_s: float | None) -> float:
    pause = _LADDER.pause(min(failures, _LONGEST), retry_after_s=retry_after_s)
    return _LADDER.cap_s if pause is None else pause
