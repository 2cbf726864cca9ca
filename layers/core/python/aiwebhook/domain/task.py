"""Tasks: their states and what each means."""

from __future__ import annotations

from enum import StrEnum


class TaskStatus(StrEnum):
    """Where a task is in its life."""

    PENDING = "pending"
    """Waits: for its turn, a dependency, its not-before time, or the back-off of a retry."""
    CLAIMED = "claimed"
    """A dispatcher or worker holds the lease; the run has not reported yet."""
    RUNNING = "running"
    """A run reported in and beats."""
    INPUT_REQUIRED = "input_required"
    """Stands still until somebody answers a question."""
    COMPLETED = "completed"
    """Ended well; the result is stored."""
    FAILED = "failed"
    """Ended badly and will not be tried again by itself."""
    CANCELLED = "cancelled"
    """Ended because somebody asked."""


UNSUCCESSFUL = frozenset({TaskStatus.FAILED, TaskStatus.CANCELLED})
"""Ended without a result: may be retried, and nothing can depend on it."""
TERMINAL = UNSUCCESSFUL | {TaskStatus.COMPLETED}
"""Ended: changes no more by itself."""
AT_REST = TERMINAL | {TaskStatus.INPUT_REQUIRED}
"""Nothing happens until somebody acts: what a wait for a task ends with."""
