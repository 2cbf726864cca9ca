"""What the worker's main thread is told, as values in one queue; it alone decides."""

from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TypeAlias

from aiwebhook.client import Run
from aiwebhook_runner.worker.child import Child
from aiwebhook_runner.worker.room import Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A task is ours; its place in the room is taken."""

    lease: Run = field(repr=False)
    room: Room


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsEnded:
    """One claim loop is over; `refusal` says why when nobody asked it to end."""

    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOver:
    """No process of the run is left, and its outcome is told to the server or lost."""

    child: Child
    room: Room


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReceived:
    """SIGTERM, SIGINT or SIGHUP."""

    number: int


WorkerEvent: TypeAlias = Claimed | ClaimsEnded | RunOver | SignalReceived
WorkerInbox: TypeAlias = SimpleQueue[WorkerEvent]
