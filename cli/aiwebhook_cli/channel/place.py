"""Where a channel stands: its cursor and what it told last, kept in a file between starts."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from aiwebhook.domain.wake_budget import OF_SUBSCRIPTION
from aiwebhook.private_file import write_private

WAKES, HOUR_S = OF_SUBSCRIPTION.wakes, float(OF_SUBSCRIPTION.window_s)
"""So many events in an hour wake the chat, as by webhook (docs/events.md); the rest waits."""
_REMEMBERED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event that was pushed; `at` in seconds since 1970."""

    event_id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPlace:
    """`cursor` is the server's; None: from now on. `told` has the newest last."""

    cursor: str | None = None
    told: Sequence[Told] = ()

    def after(self, event_id: str, *, cursor: str, at: float) -> ChannelPlace:
        """The place behind an event that was pushed."""
        told = (*self.told, Told(event_id=event_id, at=at))[-_REMEMBERED:]
        return ChannelPlace(cursor=cursor, told=told)

    def at_cursor(self, cursor: str) -> ChannelPlace:
        """The place behind events of which none was new."""
        return replace(self, cursor=cursor)

    def has_told(self, event_id: str) -> bool:
        return any(each.event_id == event_id for each in self.told)

    def wakes_left(self, now: float) -> int:
        return max(0, WAKES - sum(now - HOUR_S < each.at <= now for each in self.told))

    def next_wake_s(self, now: float) -> float:
        """Seconds until another event may be pushed; 0: now."""
        if self.wakes_left(now):
            return 0.0
        return max(0.0, self.told[-WAKES].at + HOUR_S - now)


class PlaceFile:
    """One place on disk. Whoever opens it second is given none: it begins now and keeps nothing, so
    that two sessions in one folder are both told and neither moves the other's place.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError where the folder cannot be written."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self._lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.is_ours = False
        else:
            self.is_ours = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)

    def load(self) -> ChannelPlace:
        """What was kept; a place from now on where nothing was, or nothing that can be read."""
        if not self.is_ours:
            return ChannelPlace()
        try:
            return _place(json.loads(self._path.read_bytes()))
        except (OSError, ValueError, TypeError, KeyError):
            return ChannelPlace()

    def save(self, place: ChannelPlace) -> None:
        """A channel that is killed leaves this place or the one before."""
        if not self.is_ours:
            return
        kept = {"cursor": place.cursor, "told": [[each.event_id, each.at] for each in place.told]}
        write_private(self._path, json.dumps(kept))


def _place(kept: dict[str, Any]) -> ChannelPlace:
    cursor = kept["cursor"]
    if not isinstance(cursor, str):
        return ChannelPlace()
    told = tuple(Told(event_id=str(event_id), at=float(at)) for event_id, at in kept["told"])
    return ChannelPlace(cursor=cursor, told=told)
