"""The result of a run's terminal write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiwebhook.ports.messaging import OutboxRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """The task's new status: completed, failed, cancelled, or pending again."""

    status: str
    outbox: Sequence[OutboxRow] = ()
