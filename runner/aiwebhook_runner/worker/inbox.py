"""Events for the worker's main thread, as values in one queue; only it decides."""

from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TypeAlias

from aiwebhook.client import Run
from aiwebhook_runner.worker.child import Child
from aiwebhook_runner.worker.room import Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """The task is ours; its place in the room is taken."""

    lease: Run = field(repr=False)
    room: Room


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsEnded:
    """A claim loop has ended; `refusal` says why if nobody asked it to."""

    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveAnswered:
    """The deployment was told that the worker leaves. `heard`: it answered, or is too old to know
    of this. `final`: it is not told again.
    """

    heard: bool
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOver:
    """No process of the run is left, and its outcome was reported or is lost."""

    child: Child
    room: Room


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReceived:
    """SIGTERM, SIGINT or SIGHUP."""

    number: int


WorkerEvent: TypeAlias = Claimed | ClaimsEnded | LeaveAnswered | RunOver | SignalReceived
WorkerInbox: TypeAlias = SimpleQueue[WorkerEvent]
