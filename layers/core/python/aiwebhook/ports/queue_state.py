"""The state of an agent's queue, read before anything is claimed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """One agent's queue: whether there are `stale` leases and tasks fallen `due`; launches with an
    unknown outcome (`stuck`); tasks that the concurrency limit allows to claim (`claimable`);
    whether containers, of any agent, must be stopped (`stops`). `launches`: how many were taken
    from the account's bucket for it.
    """

    stops: bool
    stale: bool
    due: bool
    stuck: int
    claimable: int
    launches: int
