"""What happens to a run outside the main thread, as values in one queue.

Only the main thread decides; other threads and signal handlers only report. SimpleQueue.put is
re-entrant, so a signal handler may use it while the main thread is inside the queue.
"""

from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeAlias

from aiwebhook_runner.output.outcome import StopReason


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentExited:
    """The agent and all its children are gone."""

    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequested:
    """The agent must end."""

    reason: StopReason
    detail: str = ""


SupervisorEvent: TypeAlias = AgentExited | StopRequested
RunInbox: TypeAlias = SimpleQueue[SupervisorEvent]
