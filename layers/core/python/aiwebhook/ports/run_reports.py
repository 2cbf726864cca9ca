"""Reports of runs that succeeded, several at once, and their outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiwebhook.domain.lease import RunLease
from aiwebhook.ports.changes import Changes
from aiwebhook.ports.queue_rows import Completion


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What one run reports under its lease."""

    lease: RunLease
    completion: Completion

    @property
    def has_memories(self) -> bool:
        """Whether it stores or removes memories."""
        return bool(self.completion.memories or self.completion.forget)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedRuns:
    """The leases whose tasks are now completed, and all resulting changes."""

    leases: Sequence[RunLease]
    changes: Changes
