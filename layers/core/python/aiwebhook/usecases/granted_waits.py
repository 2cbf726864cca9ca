"""A wait is granted, not owed: a function holds so many requests at once, a third of them for one
key, and answers all others at once with what is known and when to ask again (ADR 0024).
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
"""A wait that nobody ended, because its process died, counts this much longer than it may last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedWait:
    """A request that asks to be held. `holder`: the API key, the connection, or the run. `follows`:
    it comes from a program that will ask again for ever, not from somebody who waits for a result.
    """

    project_id: str
    holder: str
    wait_s: float
    follows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled(Generic[Found]):
    """What was found; and if the request was not held though it asked for it, when to ask again."""

    found: Found | None
    next_poll_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Grants waits for one function. `holds_polls`: also to programs that follow; without it they
    are all answered at once. `max_waits` 0: nobody's request is held.
    """

    store: WaitStore
    function: str
    max_waits: int
    holds_polls: bool

    @contextmanager
    def granted(self, asked: AskedWait) -> Generator[bool]:
        """Whether the request may be held; it is until the end of the block. Raises Unavailable."""
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
        """When to ask again: soon for a result, and as long as something happens."""
        lately = not asked.follows or self.store.happened_lately(
            project_id=asked.project_id, within_s=LATELY_S
        )
        return BUSY_POLL_MS if lately else IDLE_POLL_MS

    def paces(self, asked: AskedWait) -> bool:
        """Whether who sends such requests without an end must pause in between: none is held."""
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
    """What `find` returns: now, or while the request is held, at most MAX_WAIT_S. A request that
    does not ask for it, or finds something at once, costs nothing more than that.
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
