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
        """The lease that came with the claim."""
        return RunLease(
            project_id=self.project_id, task_id=self.task_id, lease_epoch=self.lease_epoch
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOrder:
    """Claim up to `limit` tasks of one agent. With a `worker_id` the runs start at once; without,
    they are launched.
    """

    project_id: str
    agent_name: str
    limit: int
    lease_s: int
    worker_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWork(RunTask):
    """A run's input."""

    agent: Json
    repository: Json | None
    checkpoint: Json | None
    """The last checkpoint of an earlier attempt."""
    checkpoint_sha256: bytes | None

    @property
    def lease(self) -> RunLease:
        """The lease of the run."""
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
    """The worker's valid leases; `came_online`: it was considered offline before."""

    beats: Sequence[ExtendedLease]
    came_online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSeen:
    """A sign of life of a worker. `all_agents`: it serves no agents but these.
    `details` None: unchanged. `connected_at`: of a claim that is held, what it was told at first.
    """

    project_id: str
    worker_id: str
    agents: Sequence[str]
    all_agents: bool = False
    details: Mapping[str, Any] | None = None
    connected_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPresence:
    """What a sign of life met. `connected_at`, an opaque text, stays the same until the
    worker goes offline.
    """

    came_online: bool
    """It was unknown or offline before."""
    gone: bool
    """The worker has left since this claim began to be held; it changed nothing."""
    connected_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMessage:
    """A follow-up to a task; numbers increase, with gaps."""

    message_no: int
    message: str | Json
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCheckpoint:
    """What the next attempt gets if this one is lost; `content_sha256` names its archive."""

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
    """A memory that a run stores; the same key and content again changes nothing."""

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
    """The number of the newest follow-up the run has processed; None: it reads none."""
    notes: Sequence[Json] | None = None
    """What of the report was changed, cut or left out (domain/notes.py); None: nothing."""

    def kept(self) -> Json:
        """What is stored with the task's end, memories apart; what is None is not there."""
        names = ("output", "say", "usage", "exit_code", "messages_seen", "notes")
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What a run that did not succeed leaves behind."""

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
    """The final status of an attempt, and that of its task."""

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
    """A piece of its conversation; `start_offset_s` is the UTC offset of the speaker's clock."""

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
