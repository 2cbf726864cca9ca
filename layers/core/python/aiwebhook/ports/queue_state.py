"""What there is to do in an agent's queue, read before anything is claimed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """One agent's queue: whether leases are `stale` and tasks have fallen `due`; launches with an
    unknown outcome (`stuck`); tasks that the concurrency limit allows to claim (`claimable`);
    whether containers, of whatever agent, are to be stopped (`stops`). `launches` were taken out of
    the account's bucket for it.
    """

    stops: bool
    stale: bool
    due: bool
    stuck: int
    claimable: int
    launches: int
