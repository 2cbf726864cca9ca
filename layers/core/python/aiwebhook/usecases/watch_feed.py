"""Monitors the projects' event logs, at every tick of the reaper."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiwebhook.postgres.feed_store import PostgresFeedStore


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedWatched:
    """Field names are metric names. `feed_held_back_s`: how long the oldest event has waited for an
    older transaction; alarm when it stays above a minute or two.
    """

    databases_adopted: int
    feed_held_back_s: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def watch_feed(store: PostgresFeedStore) -> FeedWatched:
    """Measure the log. Raises Unavailable."""
    return FeedWatched(
        databases_adopted=int(store.adopt_if_restored()),
        feed_held_back_s=store.feed_held_back(),
    )
