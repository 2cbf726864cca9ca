"""Port to the containers of runs that are to stop: cancelled, or without a lease."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class RunToStop:
    """A container to be stopped. `runtime_ref` is the ARN of its ECS task."""

    attempt_id: str
    runtime_ref: str


class RunStopper(Protocol):
    """Ends containers, as often as one likes."""

    def stop(self, runtime_ref: str) -> None:
        """Have it ended, by force if it does not heed; one that is gone is no error. Returns before
        its end. Raises Unavailable.
        """
        ...
