"""What a dispatcher sees before it takes anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLook:
    """Work waiting for an agent: `stuck` launches, `claimable` tasks within its cap."""

    stale: bool
    due: bool
    stuck: int
    claimable: int
