"""When an event is sent: at once, except where that would disturb or be lost. Pure.

A chat that is in use loses what comes meanwhile: it answers 2xx and shows nothing. Where receivers
are known for that (`quiet`), an event waits until the connection has been silent for a while. And
what becomes of one task within a few seconds wakes nobody twice: the first event goes at once, the
later ones of those seconds give way to the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

QUIET_S = 90.0
"""Without a call of the connection."""
HELD_S = 300.0
"""After so long it is sent all the same."""
APART_S = 5.0
"""Between events of one task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTiming:
    """When the event was written, when its connection called last, and when an event of the same
    task was written that was sent, if one was within `APART_S` before. `replaced`: a newer one of
    the same task has come within that time.
    """

    quiet: bool
    written_at: datetime
    called_at: datetime | None
    sent_at: datetime | None
    replaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Look again after so long."""

    for_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """It need not be sent any more."""

    reason: str = "gave way to a newer event of the task"


def hold(timing: EventTiming, *, now: datetime) -> Hold | Replaced | None:
    """What keeps an event from being sent now; None: nothing."""
    if timing.replaced:
        return Replaced()
    until = now
    if timing.sent_at is not None:
        until = max(until, timing.sent_at + timedelta(seconds=APART_S))
    if timing.quiet and timing.called_at is not None:
        silent_at = timing.called_at + timedelta(seconds=QUIET_S)
        until = max(until, min(silent_at, timing.written_at + timedelta(seconds=HELD_S)))
    return Hold(for_s=(until - now).total_seconds()) if until > now else None
