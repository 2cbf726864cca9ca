"""How much of the proof is asked for: `EVENTS=sample KILLS=20 KILL_SEED=7 make test-events`."""

from __future__ import annotations

import os
from dataclasses import dataclass

from tests.kill.settings import KillSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsSettings:
    """`sample`: what CI has time for. `seed` decides what is killed, and what receivers do."""

    sample: bool
    kills: int
    seed: int

    @classmethod
    def from_env(cls) -> EventsSettings:
        """The whole unless asked otherwise."""
        sample = os.environ.get("EVENTS") == "sample"
        kill = KillSettings.from_env()
        kills = 6 if sample and "KILLS" not in os.environ else kill.kills
        return cls(sample=sample, kills=kills, seed=kill.seed)
