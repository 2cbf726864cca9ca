"""What the terminal write of a run leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiwebhook.ports.messaging import OutboxRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """What became of the task: completed, failed, cancelled, or pending again."""

    status: str
    outbox: Sequence[OutboxRow] = ()
