"""How long and how random the storm is: `KILLS=20 KILL_SEED=7 make test-kill`."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KillSettings:
    """`seed` decides what is killed, in which order, and what the clients do."""

    kills: int
    seed: int

    @classmethod
    def from_env(cls) -> KillSettings:
        """A hundred kills unless asked otherwise."""
        return cls(
            kills=int(os.environ.get("KILLS", "100")),
            seed=int(os.environ.get("KILL_SEED", "20261122")),
        )
