"""A wait is granted, not owed: a function holds a limited number of requests at once, at most a
third of them for one key. It answers all others immediately, with the current state and when to ask
again (ADR 0024).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiwebhook.domain.next_poll import BUSY_POLL_MS, IDLE_POLL_MS, LATELY_S
from aiwebhook.errors import Unavailable
from aiwebhook.ids import new_id
from aiwebhook.ports.waits import WaitOrder, WaitStore
from aiwebhook.usecases.long_poll import MAX_WAIT_S, ChangeSignal, long_poll

Found = TypeVar("Found")
_EXPIRY_S = 5.0
"""Seconds for which a wait still counts after its time, if its process died before ending it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedWait:
    """A request that asks to be held. `holder`: the API key, the connection, or the run. `follows`:
    it comes from a program that polls for ever, as opposed to one that waits for a result.
    """

    project_id: str
    holder: str
    wait_s: float
    follows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled(Generic[Found]):
    """What was found; and when to ask again, if the request asked to be held and was not."""

    found: Found | None
    next_poll_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Grants waits for one function. `holds_polls`: also to programs that follow; otherwise those
    are all answered immediately. `max_waits` 0: no request is held.
    """

    store: WaitStore
    function: str
    max_waits: int
    holds_polls: bool

    @contextmanager
    def granted(self, asked: AskedWait) -> Generator[bool]:
        """Whether the request may be held; it counts as held until the end of the
        block. Raises Unavailable.
        """
        wait_id = new_id("wait")
        if not self._may_hold(asked) or not self.store.grant_wait(self._order(wait_id, asked)):
            yield False
            return
        try:
            yield True
        finally:
            with suppress(Unavailable):  # then it expires
                self.store.end_wait(wait_id=wait_id)

    def next_poll_ms(self, asked: AskedWait) -> int:
        """When to ask again: soon for a result, and as long as events keep coming."""
        lately = not asked.follows or self.store.happened_lately(
            project_id=asked.project_id, within_s=LATELY_S
        )
        return BUSY_POLL_MS if lately else IDLE_POLL_MS

    def paces(self, asked: AskedWait) -> bool:
        """Whether a program that polls for ever must pause between requests: none of its
        requests is held.
        """
        return asked.follows and asked.wait_s > 0 and not self._may_hold(asked)

    def _may_hold(self, asked: AskedWait) -> bool:
        return self.max_waits > 0 and (self.holds_polls or not asked.follows)

    def _order(self, wait_id: str, asked: AskedWait) -> WaitOrder:
        return WaitOrder(
            wait_id=wait_id,
            function=self.function,
            holder=asked.holder,
            wait_s=asked.wait_s + _EXPIRY_S,
            max_waits=self.max_waits,
            max_own=max(1, self.max_waits // 3),
        )


def granted_poll(
    find: Callable[[], Found | None],
    *,
    waits: Waits,
    asked: AskedWait,
    signal: ChangeSignal,
    monotonic: Callable[[], float] = time.monotonic,
) -> Polled[Found]:
    """What `find` returns: immediately, or while the request is held, at most MAX_WAIT_S. A request
    that does not ask to be held, or that finds something immediately, costs nothing more.
    """
    found = find()
    if found is not None or asked.wait_s <= 0:
        pause_ms = BUSY_POLL_MS if waits.paces(asked) else None
        return Polled(found=found, next_poll_ms=pause_ms)
    with waits.granted(asked) as granted:
        if granted:
            wait_s = min(asked.wait_s, MAX_WAIT_S)
            found = long_poll(find, signal=signal, wait_s=wait_s, monotonic=monotonic)
            return Polled(found=found)
    return Polled(found=None, next_poll_ms=waits.next_poll_ms(asked))
