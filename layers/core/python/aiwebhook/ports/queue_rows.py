"""Rows and values of the queue (postgres/queue_store.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.run import RunTask
from aiwebhook.ports.messaging import OutboxRow

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedTask:
    """A task under a new lease."""

    project_id: str
    task_id: str
    session_id: str
    agent_name: str
    priority: int
    lease_epoch: int
    attempt: int
    attempt_id: str
    correlation_id: str

    @property
    def lease(self) -> RunLease:
        """The right that came with the claim."""
        return RunLease(
            project_id=self.project_id, task_id=self.task_id, lease_epoch=self.lease_epoch
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOrder:
    """Up to `limit` tasks of one agent. A `worker_id` starts the runs at once; else they launch."""

    project_id: str
    agent_name: str
    limit: int
    lease_s: int
    worker_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWork(RunTask):
    """What the queue has for a run to work on."""

    agent: Json
    repository: Json | None
    checkpoint: Json | None
    """What an earlier attempt left behind."""
    checkpoint_sha256: bytes | None

    @property
    def lease(self) -> RunLease:
        """The lease it is worked on under."""
        return RunLease(
            project_id=self.project_id, task_id=self.task_id, lease_epoch=self.lease_epoch
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedLease:
    """An extended lease."""

    project_id: str
    task_id: str
    lease_epoch: int
    cancel_requested: bool
    lease_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerHeartbeat:
    """The leases of a worker that last; `came_online`: it was taken for offline before."""

    beats: Sequence[ExtendedLease]
    came_online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSeen:
    """A worker shows itself. `all_agents`: it serves no others than these. `details` None: as
    it told before.
    """

    project_id: str
    worker_id: str
    agents: Sequence[str]
    all_agents: bool = False
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMessage:
    """A follow-up to a task; numbers grow, with gaps."""

    message_no: int
    message: str | Json
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCheckpoint:
    """What the next attempt gets should this one be lost; `content_sha256` names its archive."""

    data: Json
    content_sha256: bytes | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """How many reported events were new, and whether the run should stop."""

    accepted: int
    cancel_requested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunArtifact:
    """A result of a run; `content` inline or `content_sha256` in the blob store, never both."""

    artifact_id: str
    name: str
    type: str
    format: str | None
    content: str | None
    content_sha256: bytes | None
    size: int
    metadata: Json
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMemory:
    """Something a run learnt; the same key and content again changes nothing."""

    key: str
    type: str
    content: str | Json
    tags: Sequence[str] = ()
    source: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """The report of a run that succeeded."""

    output: Json
    say: str | None = None
    memories: Sequence[RunMemory] = ()
    forget: Sequence[str] = ()
    usage: Json | None = None
    exit_code: int | None = None
    messages_seen: int | None = None
    """The newest follow-up the run has worked on; None: it reads none."""
    notes: Sequence[Json] | None = None
    """What of the report was changed, cut or left out (domain/notes.py); None: nothing."""

    def kept(self) -> Json:
        """What is stored with the task's end, memories apart; what is None is not there."""
        names = ("output", "say", "usage", "exit_code", "messages_seen", "notes")
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What a run that did not succeed leaves."""

    output: Mapping[str, Any] | None = None
    usage: Mapping[str, Any] | None = None
    exit_code: int | None = None
    notes: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSoon:
    """An agent whose next task falls due in `wait_s` seconds, rounded up."""

    project_id: str
    agent_name: str
    wait_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRef:
    """One agent of a project."""

    project_id: str
    agent_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOutcome:
    """What an attempt became, and what its task became by it."""

    attempt_status: str
    status: str
    error_class: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChanges:
    """Agents whose live status changed."""

    went_offline: int
    came_back: int
    outbox: Sequence[OutboxRow] = field(default_factory=tuple[OutboxRow, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSession:
    """The session that a run works for."""

    session_id: str
    title: str | None
    participants: Sequence[str]
    context: str | None
    metadata: Json
    status: str
    created_at: datetime
    time_zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChunk:
    """A piece of its conversation; `start_offset_s` is that of the clock it was said by."""

    chunk_id: str
    seq: int
    content: str | None
    content_sha256: bytes | None
    format: str
    participants: Sequence[str]
    start_time: datetime | None
    start_offset_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMemory:
    """One of its memories, in the current version."""

    key: str
    type: str
    content: str | Json
    tags: Sequence[str]
    version: int
    source: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextPage:
    """A page of what a run may read of its session."""

    session: RunSession
    chunks: Sequence[RunChunk]
    memories: Sequence[KnownMemory]
