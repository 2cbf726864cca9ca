"""Follows a channel: each delivery is handed on in order, then acknowledged; at least once.

A repeat comes only after a crash between the target's answer and the note of it on this machine's
disk, or on another machine before the acknowledgement; under the same delivery id. With several at
once, the channel moves behind those that are done without a gap. A thread renews the lease
meanwhile. Who lost it, asleep for instance, drops what is under way: the server takes no
acknowledgement under an older lease.
"""

from __future__ import annotations

import base64
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from aiwebhook.client.contents import artifact_bytes
from aiwebhook.client.retry import RetryPolicy
from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.listening.channel_calls import ChannelCalls
from aiwebhook_cli.listening.handing_on import Attempted, HandOn, Verdict
from aiwebhook_cli.listening.lanes import ONE_BY_ONE, Concurrency, in_lanes
from aiwebhook_cli.listening.listen_place import ListenPlaceFile
from aiwebhook_cli.listening.page_progress import PageProgress

Json = dict[str, Any]
Answered = TypeVar("Answered")
TRIES = 3
_LADDER = RetryPolicy(attempts=sys.maxsize, base_s=0.5, cap_s=30.0, patience_s=3600.0)
_LONGEST = 7
_TAKEN = "channel_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerOutside:
    """What a listener needs of the world. `hint` takes a sentence for whoever watches, `show` a
    delivery with how it ended. `now` in seconds, running on while the machine sleeps.
    """

    hint: Callable[[str], None]
    show: Callable[[Json, Attempted], None]
    pause: Callable[[float], object]
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How a channel is followed. `since` rewinds it once, at the first claim."""

    since: str | None = None
    concurrency: Concurrency = ONE_BY_ONE
    place: ListenPlaceFile | None = None
    """What this machine keeps; None: nothing."""


FROM_WHERE_IT_STOOD = Following()


class LeaseGone(Exception):
    """Another client holds the channel, or has held it since."""


class _NoBytes(Exception):
    """The next poll says anew where they are, because an address works for 15 minutes only."""


class Listener:
    """Hands on what comes on one channel."""

    def __init__(
        self,
        calls: ChannelCalls,
        handle: HandOn,
        outside: ListenerOutside,
        following: Following = FROM_WHERE_IT_STOOD,
    ) -> None:
        self._calls, self._handle, self._outside = calls, handle, outside
        self._since, self._concurrency = following.since, following.concurrency
        self._file = following.place or ListenPlaceFile(None, hint=outside.hint)
        self._place = self._file.load()
        if self._since is not None:
            self._place = replace(self._place, cursor=None, done={})
        self._epoch: int = 0
        self._leased_at = 0.0
        """When the lease was asked for that holds now."""
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
            self._hand_on_page(epoch, page["items"])
            last = page["items"][-1]["cursor"] if page["items"] else None
            if page["next_cursor"] not in (last, self._behind):
                self._acknowledge(epoch, page["next_cursor"])
            if not page["items"] and page.get("next_poll_ms"):
                self._outside.pause(page["next_poll_ms"] / 1000)
        except LeaseGone:
            self._epoch = 0
        except _NoBytes:
            self._outside.pause(_pause_s(1, None))

    def _polled(self, epoch: int) -> Json:
        return self._calls.poll(epoch)

    def _claim(self) -> int:
        """The epoch, however long another client holds the channel, which is said once."""
        failures = 0
        while True:
            try:
                held = self._asked(self._claimed)
            except LeaseGone:
                failures += 1
                if failures == 1:
                    name = self._calls.channel
                    self._outside.hint(f"Another client listens on {name}: standing by.")
                self._outside.pause(min(5.0, self._calls.lease_s / 3))
            else:
                self._since = None
                self._epoch, self._behind = held["lease_epoch"], held["cursor"]
                self._place = self._place.claimed(held["lease_epoch"])
                self._file.begin(self._place)
                return self._epoch

    def _claimed(self) -> Json:
        asked_at = self._outside.now()
        held = self._calls.claim(since=self._since, cursor=self._place.cursor)
        self._leased_at = asked_at
        return held

    def _ensure_lease(self, epoch: int) -> None:
        """After a sleep the page in hand may be another client's by now. Raises LeaseGone."""
        asked_at = self._outside.now()
        if asked_at - self._leased_at < self._calls.lease_s:
            return
        if self._asked(self._calls.claim)["lease_epoch"] != epoch:
            raise LeaseGone
        self._leased_at = asked_at

    def _fetched(self, delivery: Json) -> Json:
        """The delivery with its bytes. Raises _NoBytes."""
        if delivery["body_base64"] is not None:
            return delivery
        try:
            raw = artifact_bytes({"content_url": delivery["body_url"]})
        except AiWebhookError as error:
            self._outside.hint(f"{delivery['delivery_id']}: {error.detail}")
            raise _NoBytes from error
        return {**delivery, "body_base64": base64.b64encode(raw).decode("ascii")}

    def _hand_on_page(self, epoch: int, items: list[Json]) -> None:
        """Hand on what is not done yet, and acknowledge what is done without a gap before it."""
        page = PageProgress(items, self._place.done)
        self._tell_done(epoch, page)
        work = partial(self._handed_on, epoch)
        with closing(in_lanes(page.left, work, self._concurrency)) as ended:
            for number, (whole, tried) in ended:
                failed = tried.verdict is not Verdict.DONE
                page.finish(page.left[number], tried.reason if failed else None)
                cursor = page.cursor or self._place.cursor
                self._place = replace(self._place, cursor=cursor, done=dict(page.done))
                self._file.save(self._place)  # on this machine, before the server is told
                self._tell_done(epoch, page)
                self._outside.show(whole, tried)

    def _tell_done(self, epoch: int, page: PageProgress) -> None:
        for item, failure in page.due():
            self._acknowledge(
                epoch, item["cursor"], delivery_id=item["delivery_id"], failure=failure
            )
            page.acknowledged(item["cursor"])
        self._place = replace(self._place, done=dict(page.done))

    def _handed_on(
        self, epoch: int, delivery: Json, halted: Callable[[], bool]
    ) -> tuple[Json, Attempted]:
        whole = self._fetched(delivery)
        return whole, self._tried(epoch, whole, halted)

    def _tried(self, epoch: int, delivery: Json, halted: Callable[[], bool]) -> Attempted:
        """How the last try ended: nobody there holds the channel, a fault is tried three times."""
        away = broken = 0
        while True:
            if self._epoch != epoch or halted():
                raise LeaseGone
            self._ensure_lease(epoch)
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
            asked_at = self._outside.now()
            try:
                held = self._calls.claim()
            except AiWebhookError as error:
                if error.code == _TAKEN:
                    self._epoch = 0
            else:
                # A greater one: it ran out meanwhile, and another may have moved the channel.
                self._epoch = 0 if held["lease_epoch"] != self._epoch else self._epoch
                self._leased_at = asked_at

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
