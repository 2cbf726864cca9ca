"""Port to what a project's users observe: events, agents, workers, conversation.

All methods raise Unavailable when the store is unavailable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from aiwebhook.domain.lease import RunLease
from aiwebhook.ports.command_rows import Content, Page

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPosition:
    """A place in the project's event order (xid, event_no). xid is text: it has 64 bits
    without a sign.
    """

    xid: str
    event_no: int


START = EventPosition(xid="0", event_no=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPosition(EventPosition):
    """Where a reader continues. `truncated`: events that it was to read, or has read,
    no longer exist.
    """

    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPosition:
    """The session's last `seq`. `truncated`: events behind the reader's cursor no longer exist, or
    the cursor comes from a future that a restore cut off.
    """

    last_seq: int
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One row of the event log, as readers get it."""

    event_no: int
    event_id: str
    type: str
    created_at: datetime
    project_id: str
    session_id: str | None
    seq: int | None
    task_id: str | None
    data: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectEventRow(EventRow):
    """An event with its position among those of the project."""

    xid: str

    @property
    def position(self) -> EventPosition:
        """Where a reader continues after it."""
        return EventPosition(xid=self.xid, event_no=self.event_no)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLoad:
    """An agent: its manifest, live status and load (queued tasks are counted up to 1,000)."""

    agent_name: str
    status: str
    status_since: datetime
    status_reason: str | None
    aliases: Sequence[str]
    max_concurrent: int
    title: str | None
    kind: str | None
    description: str | None
    model: str | None
    runs_on: Sequence[str]
    tools: str | None
    max_turns: int | None
    max_cost_usd: float | None
    timeout_s: int | None
    max_attempts: int | None
    compute: Json | None
    secrets: Sequence[Any]
    capabilities: Sequence[Any]
    input_schema: Json | None
    output_schema: Json | None
    workers: int
    running: int
    queued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """A connected worker, and how many runs it has."""

    worker_id: str
    agents: Sequence[str]
    status: str
    version: str | None
    details: Json
    running: int
    last_seen_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRow:
    """A piece of conversation; large content has only its `content_sha256` (hex)."""

    chunk_id: str
    seq: int
    content: str | None
    content_sha256: str | None
    size: int
    format: str
    start_time: datetime | None
    end_time: datetime | None
    participants: Sequence[str]
    extracted_items: Any
    metadata: Json
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptRow:
    """A piece of conversation, for a transcript."""

    seq: int
    content: str | None
    content_sha256: bytes | None
    size: int
    participants: Sequence[str]
    created_at: datetime

    @property
    def stored(self) -> Content:
        """Its text, or where that lies."""
        return Content(text=self.content, sha256=self.content_sha256, size=self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEventRow:
    """An event of a task; `seq` is its place in the session."""

    seq: int | None
    type: str
    created_at: datetime
    data: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSignal:
    """A valid lease, and whether its run must stop."""

    project_id: str
    task_id: str
    lease_epoch: int
    cancel_requested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMigrations:
    """Names of this release's migrations that the database lacks."""

    pre: tuple[str, ...]
    """The release does not work without these."""
    post: tuple[str, ...]
    """These remove what only older releases needed; an operator runs them later."""


class ObservationStore(Protocol):
    """Reads of the REST API that are not commands."""

    def session_events(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[EventRow]:
        """In the order of `seq`."""
        ...

    def session_position(
        self, *, project_id: str, session_id: str, after_seq: int
    ) -> SessionPosition | None:
        """The reader's position; None if the session never existed. A deleted session keeps
        its last event.
        """
        ...

    def project_events(
        self,
        *,
        project_id: str,
        after: EventPosition,
        types: Sequence[str] | None,
        limit: int,
    ) -> list[ProjectEventRow]:
        """Events in the project's order; those of transactions still open, and later ones, are
        withheld, so nothing is ever inserted before a position.
        """
        ...

    def feed_position(self, *, project_id: str, after: EventPosition) -> FeedPosition:
        """Where a reader whose position is `after` continues."""
        ...

    def newest_event_position(self) -> EventPosition:
        """A position before every event that appears from now on."""
        ...

    def feed_held_back(self) -> int:
        """For how many seconds an open transaction has held back the events of all projects."""
        ...

    def list_agents(self, *, project_id: str) -> list[AgentLoad]: ...

    def list_workers(self, *, project_id: str, page: Page) -> list[WorkerRow]:
        """Workers, most recently seen first."""
        ...

    def list_conversation(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[ConversationRow] | None:
        """Oldest first; None: no such session."""
        ...

    def newest_conversation(
        self, *, project_id: str, session_id: str, limit: int
    ) -> list[TranscriptRow]:
        """The newest chunks, oldest of them first; large content has only
        its content_sha256 (bytes).
        """
        ...

    def task_events(
        self, *, project_id: str, session_id: str, task_id: str, limit: int
    ) -> list[TaskEventRow]:
        """The newest events of a task, oldest of them first."""
        ...

    def runs_shall_stop(self, leases: Sequence[RunLease]) -> list[RunSignal]:
        """Whether each run's cancellation was requested; lost leases are left out."""
        ...

    def pending_migrations(self) -> PendingMigrations:
        """Migrations of this release that the database lacks."""
        ...

    def wait_for_change(self, *, timeout_s: float) -> None:
        """Return when something changed anywhere, or after `timeout_s`. May return early."""
        ...
