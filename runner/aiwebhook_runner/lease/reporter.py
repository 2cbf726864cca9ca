"""Sends a run's events: the first at once, then a batch each 0.3 s or 50 events."""

import threading
import time
from collections import deque
from collections.abc import Callable

from aiwebhook.client import Run
from aiwebhook.clock import Clock, rfc3339, utc_now
from aiwebhook.domain.storable import storable
from aiwebhook.errors import LeaseLost
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.lease.lease_keeper import LeaseKeeper
from aiwebhook_runner.lease.retry import (
    LONGEST_DELAY_S,
    Deadline,
    GaveUp,
    RequestRefused,
    call_until_answered,
)

BATCH_S = 0.3
"""Including the way through the API, a person sees an event half a second after it happened."""
BATCH_SIZE = 50
MAX_WAITING = 1_000
"""While the API is unavailable the oldest are dropped: the newest say where the run stands."""


class EventReporter:
    """One thread. Events show how a run goes; losing one never fails it."""

    def __init__(
        self,
        lease: Run,
        keeper: LeaseKeeper,
        log: JsonLog,
        *,
        now: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lease = lease
        self._keeper = keeper
        self._log = log
        self._now = now
        self._monotonic = monotonic
        self._waiting: deque[JsonObject] = deque(maxlen=MAX_WAITING)
        self._reported = 0
        self._usage: JsonObject | None = None
        self._changed = threading.Condition()
        self._closing = Deadline(float("inf"))
        self._pause = Deadline(0, now=monotonic)
        self._closed = False
        self._dropped = 0
        self._unsent = 0
        self._thread = self._new_thread()

    def start(self) -> None:
        self._thread.start()

    def start_again(self) -> None:
        """Resume after a close: the run continues, contrary to expectation."""
        self._closing = Deadline(float("inf"))
        self._closed = False
        self._thread = self._new_thread()
        self._thread.start()

    def _new_thread(self) -> threading.Thread:
        return threading.Thread(target=self._run, name="events", daemon=True)

    def report(self, event_type: str, data: JsonObject) -> None:
        """Queue one event; never blocks."""
        # Any text of an agent can be sent: one odd character must not cost a batch of events.
        stored: JsonObject = storable(data)
        event: JsonObject = {"type": event_type, "at": rfc3339(self._now()), "data": stored}
        with self._changed:
            self._dropped += len(self._waiting) == MAX_WAITING
            self._waiting.append(event)
            self._reported += 1
            if len(self._waiting) in (1, BATCH_SIZE):
                self._changed.notify()

    def report_usage(self, usage: JsonObject) -> None:
        """The attempt's usage so far: sent as an event, and with every later call. The server keeps
        the last, in case the run is lost.
        """
        self._usage = usage
        self.report("usage", usage)

    def close(self, within_s: float) -> None:
        """Send the rest, for at most `within_s`."""
        self._closing.shorten(within_s)
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(within_s)
        if dropped := self._dropped + self._unsent + len(self._waiting):
            self._log.warning("events_dropped", count=dropped)

    def _run(self) -> None:
        while True:
            first_no, batch = self._next_batch()
            self._unsent = len(batch)
            if not batch:
                return None
            try:
                self._send(first_no, batch)
            except LeaseLost as exc:
                return self._keeper.report_lost(str(exc))
            except RequestRefused as exc:
                self._log.warning("events_refused", reason=str(exc), count=len(batch))
            except GaveUp:
                return None

    def _next_batch(self) -> tuple[int, list[JsonObject]]:
        """Wait for an event and for the pause after the last batch; empty when closed and done.
        Also returns the number of the first event, which allows the call to be repeated.
        """
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting) or self._closed)
            self._changed.wait_for(self._is_due, timeout=max(self._pause.left_s(), 0))
            self._pause = Deadline(BATCH_S, now=self._monotonic)
            count = min(BATCH_SIZE, len(self._waiting))
            first_no = self._reported - len(self._waiting) + 1
            return first_no, [self._waiting.popleft() for _ in range(count)]

    def _is_due(self) -> bool:
        return self._closed or len(self._waiting) >= BATCH_SIZE

    def _send(self, first_no: int, batch: list[JsonObject]) -> None:
        recorded = call_until_answered(
            lambda: self._lease.record_events(batch, first_no=first_no, usage=self._usage),
            give_up=self._keeper.lost,
            within_s=lambda: min(self._closing.left_s(), LONGEST_DELAY_S * 12),
        )
        if recorded.cancel:
            self._keeper.report_cancel()
