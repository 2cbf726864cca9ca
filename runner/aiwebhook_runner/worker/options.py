"""The options of a worker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DRAIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """Options of `aiwebhook worker`; durations are seconds."""

    url: str
    key: str = field(repr=False)
    name: str
    """The worker's id: the same after a restart, different for each worker."""
    concurrency: Mapping[str, int]
    """Agent → how many of its tasks at once; the keys are the agents, in order."""
    config: Path | None = None
    """The configuration of agent `local`; None: nothing is allowed."""
    health_port: int = 0
    """0: a free one."""
    drain_s: float = DRAIN_S
    """How long running tasks may continue after the first signal."""
    once: bool = False
    json: bool = False
    poll_s: float = 10.0
    """How long the server holds a claim. A worker that stops waits for the answer, because there
    may be a task in it; the server answers at once when it hears that the worker leaves.
    """

    @property
    def agents(self) -> tuple[str, ...]:
        """In the order in which they were named."""
        return tuple(self.concurrency)
