"""Port to the containers of runs that must stop: cancelled, or without a lease."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class RunToStop:
    """A container to stop. `runtime_ref` is the ARN of its ECS task."""

    attempt_id: str
    runtime_ref: str


class RunStopper(Protocol):
    """Stops containers; repeating is harmless."""

    def stop(self, runtime_ref: str) -> None:
        """Request its stop, by force if it ignores SIGTERM; a container that is gone is not an
        error. Returns before it has stopped. Raises Unavailable.
        """
        ...
