"""Port to what a project's people look at: events, agents, workers, conversation.

All methods raise Unavailable when the store is away.
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
    """Where a reader goes on. `truncated`: events it was to read, or has read, are no more."""

    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPosition:
    """The session's last `seq`. `truncated`: events behind the reader's cursor are no more, or the
    cursor comes from a future that a restore cut off.
    """

    last_seq: int
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One row of the event log, as its readers get it."""

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
    """An event with its place among those of the project."""

    xid: str

    @property
    def position(self) -> EventPosition:
        """Where a reader goes on after it."""
        return EventPosition(xid=self.xid, event_no=self.event_no)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLoad:
    """An agent: what its manifest promises, its live status, how much it has to do (queued tasks
    are counted up to 1,000).
    """

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
    """A piece of conversation; large content is named by `content_sha256` (hex) alone."""

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
    """A piece of conversation, as a transcript takes it."""

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
    """A lease that lasts, and whether its run shall stop."""

    project_id: str
    task_id: str
    lease_epoch: int
    cancel_requested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMigrations:
    """Names of this release's migrations that the database lacks."""

    pre: tuple[str, ...]
    """Without these the release does not work."""
    post: tuple[str, ...]
    """These take away what only older releases needed; an operator runs them in time."""


class ObservationStore(Protocol):
    """Reads of the REST API that no command makes."""

    def session_events(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[EventRow]:
        """In the order of `seq`."""
        ...

    def session_position(
        self, *, project_id: str, session_id: str, after_seq: int
    ) -> SessionPosition | None:
        """None: there never was such a session. A deleted one keeps its last event."""
        ...

    def project_events(
        self,
        *,
        project_id: str,
        after: EventPosition,
        types: Sequence[str] | None,
        limit: int,
    ) -> list[ProjectEventRow]:
        """In an order that nothing is inserted into later: behind transactions in flight."""
        ...

    def feed_position(self, *, project_id: str, after: EventPosition) -> FeedPosition:
        """Where a reader goes on who stands at `after`."""
        ...

    def newest_event_position(self) -> EventPosition:
        """Every event that appears from now on lies behind it."""
        ...

    def feed_held_back(self) -> int:
        """For how many seconds a transaction in flight has held back the events of all projects."""
        ...

    def list_agents(self, *, project_id: str) -> list[AgentLoad]: ...

    def list_workers(self, *, project_id: str, page: Page) -> list[WorkerRow]:
        """Last heard of first."""
        ...

    def list_conversation(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[ConversationRow] | None:
        """Oldest first; None: no such session."""
        ...

    def newest_conversation(
        self, *, project_id: str, session_id: str, limit: int
    ) -> list[TranscriptRow]:
        """What was said last, oldest of it first; large content is named
        by content_sha256 (bytes).
        """
        ...

    def task_events(
        self, *, project_id: str, session_id: str, task_id: str, limit: int
    ) -> list[TaskEventRow]:
        """The newest of a task, oldest of them first."""
        ...

    def runs_shall_stop(self, leases: Sequence[RunLease]) -> list[RunSignal]:
        """Whether a cancel was requested; a lost lease is left out."""
        ...

    def pending_migrations(self) -> PendingMigrations:
        """Migrations of this release that the database lacks."""
        ...

    def wait_for_change(self, *, timeout_s: float) -> None:
        """Return when something changed anywhere, or after `timeout_s`. May return early."""
        ...
