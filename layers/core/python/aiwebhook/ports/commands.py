"""Port to the store behind the commands: every write is all or nothing and leaves its event.

Writes answer `Written`, or None when their guard did not hold (no such session, wrong state, id
taken); the use case then reads why. All methods raise Unavailable when the store is away.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from aiwebhook.domain.waiting import TaskSituation
from aiwebhook.errors import Conflict
from aiwebhook.ports.messaging import OutboxRow

Json = dict[str, Any]


class KeyTaken(Conflict):
    """The idempotency key has an outcome already; nothing was written."""

    code = "idempotency_key_taken"


class Collision(Conflict):
    """Two writers waited for each other and this one was undone; repeating it is right."""

    code = "collision"
    remedy = "Send the same request again."
    retryable = True


class SessionStatus(StrEnum):
    """Where a session is in its life."""

    ACTIVE = "active"
    """Going on."""
    PAUSED = "paused"
    """Laid aside by its people; what arrives is still kept."""
    COMPLETED = "completed"
    """Closed: it takes nothing new until it is resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """The caller's name for one write, and the SHA-256 of what was asked under it."""

    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What every write carries: where it happens, and under which names it is found again."""

    project_id: str
    session_id: str
    request_id: str
    correlation_id: str
    idempotency: Idempotency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A committed write (or one that commits with its batch). `cursor` is the session's new last
    `seq`.
    """

    data: Json
    cursor: int | None
    outbox: tuple[OutboxRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOutcome:
    """What a write under an idempotency key answered, at most 24 hours ago."""

    fingerprint: bytes
    request_id: str
    session_id: str | None
    data: Json
    cursor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session to be opened. `fingerprint` tells an identical create from a conflicting one."""

    title: str | None
    participants: Sequence[str]
    context: str | None
    metadata: Json
    fingerprint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Text inline, or the digest of its place in the blob store; never both. `size` in bytes of
    UTF-8.
    """

    text: str | None
    sha256: bytes | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChunk:
    """A piece of conversation."""

    chunk_id: str
    content: Content
    format: str
    start_time: datetime | None
    end_time: datetime | None
    participants: Sequence[str]
    extracted_items: Any
    metadata: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMemory:
    """A memory; the same key again makes the next version."""

    key: str
    type: str
    content: str | Json
    tags: Sequence[str]
    source: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArtifact:
    """A result or document."""

    artifact_id: str
    task_id: str | None
    name: str
    type: str
    format: str | None
    content: Content
    metadata: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """Work for an agent; limits are already filled from the agent's manifest."""

    task_id: str
    agent_name: str
    manifest: Json
    task_type: str | None
    description: str | None
    input: Json
    priority: int
    timeout_s: int
    max_attempts: int
    not_before: datetime | None
    deadline: datetime | None
    callback_url: str | None
    depends_on: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list: at most `limit` rows after the keyset (time, id) of `after`, newest
    first.
    """

    limit: int
    after: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryQuery:
    """Which memories: all given criteria must hold; every word of `text` must occur."""

    type: str | None = None
    tags: Sequence[str] = ()
    words: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What is left to do after the commit: forget pushed outbox rows, wake readers, tell what is
    unseen.

    `amend` is merged into the stored outcome of `idempotency_key`. `own_events` are not told to
    their maker.
    """

    project_id: str
    session_id: str | None
    key_id: str
    pushed: Sequence[int] = ()
    changed: bool = False
    idempotency_key: str | None = None
    amend: Json | None = None
    own_events: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The session's last `seq` (None: no such session) and the finished work not told yet."""

    cursor: int | None = None
    updates: Sequence[Json] = field(default_factory=tuple[Json, ...])


class SessionStore(Protocol):
    """Sessions."""

    def create_session(self, change: Change, session: NewSession) -> Written | None:
        """Open it; None when the id is taken."""
        ...

    def change_status(
        self, change: Change, *, allowed: Sequence[str], status: str, event_type: str
    ) -> Written | None:
        """Set the status if the present one is among `allowed`."""
        ...

    def delete_session(self, change: Change) -> Written | None:
        """Remove it with everything in it; one `session.deleted` event stays."""
        ...

    def find_session(self, *, project_id: str, session_id: str) -> Json | None:
        """The session with its fingerprint (bytes)."""
        ...

    def summarize_session(self, *, project_id: str, session_id: str) -> Json | None:
        """The fields of `get_session_summary` (WIRE §1)."""
        ...

    def list_sessions(
        self, *, project_id: str, status: str | None, search: str | None, page: Page
    ) -> list[Json]:
        """Newest first."""
        ...


class ConversationStore(Protocol):
    """What was said."""

    def append_conversation(self, change: Change, chunk: NewChunk) -> Written | None:
        """Append; None when the session takes nothing, or the chunk id is taken."""
        ...

    def find_chunk(self, *, project_id: str, session_id: str, chunk_id: str) -> Json | None:
        """One chunk."""
        ...


class MemoryStore(Protocol):
    """What shall be remembered."""

    def store_memory(self, change: Change, memory: NewMemory) -> Written | None:
        """Store as the next version of its key."""
        ...

    def forget_memory(self, change: Change, *, key: str) -> Written | None:
        """Remove all versions; None when there is none."""
        ...

    def find_memory(self, *, project_id: str, session_id: str, key: str) -> Json | None:
        """The current version."""
        ...

    def query_memories(
        self, *, project_id: str, session_id: str, query: MemoryQuery, page: Page
    ) -> list[Json]:
        """Current versions, newest first."""
        ...


class ArtifactStore(Protocol):
    """Results and documents."""

    def add_artifact(self, change: Change, artifact: NewArtifact) -> Written | None:
        """Add; None when the session takes nothing, or the artifact id is taken."""
        ...

    def find_artifact(self, *, project_id: str, artifact_id: str) -> Json | None:
        """With content, or content_sha256 (bytes)."""
        ...

    def list_artifacts(
        self,
        *,
        project_id: str,
        session_id: str | None,
        artifact_type: str | None,
        task_id: str | None,
        page: Page,
    ) -> list[Json]:
        """Newest first, without content."""
        ...


class TaskStore(Protocol):
    """Work for agents."""

    def find_agent(self, *, project_id: str, agent_name: str) -> Json | None:
        """agent_name, manifest, status."""
        ...

    def delegate_task(self, change: Change, task: NewTask) -> Written | None:
        """Queue it; None when the session takes nothing, or the task id is taken."""
        ...

    def dependency_states(
        self, *, project_id: str, depends_on: Sequence[str]
    ) -> dict[str, str | None]:
        """The status of each; None where there is no such task."""
        ...

    def find_task(self, *, project_id: str, task_id: str) -> Json | None:
        """Everything about one task, its result included."""
        ...

    def list_tasks(
        self,
        *,
        project_id: str,
        session_id: str | None,
        status: str | None,
        agent_name: str | None,
        page: Page,
    ) -> list[Json]:
        """Newest first, without input and output."""
        ...

    def explain_task(self, *, project_id: str, task_id: str) -> TaskSituation | None:
        """What the queue knows about a task."""
        ...

    def resolve_dependants(
        self, *, project_id: str, task_ids: Sequence[str]
    ) -> tuple[tuple[OutboxRow, ...], list[str]]:
        """Tell those that wait for these ended tasks; what to push, and the ended ones others wait
        for.
        """
        ...

    def cancel_task(self, change: Change, *, task_id: str) -> Written | None:
        """Cancel, or ask its run to stop; None when it has ended."""
        ...

    def retry_task(self, change: Change, *, task_id: str) -> Written | None:
        """Queue an ended task again; None when it has not ended badly."""
        ...

    def reply_to_task(self, change: Change, *, task_id: str, message: Json) -> Written | None:
        """Keep a message for its run; None when it has ended."""
        ...

    def wait_for_change(self, *, timeout_s: float) -> None:
        """Return when something changed anywhere, or after `timeout_s`. May return early."""
        ...


class Ledger(Protocol):
    """Idempotency, transactions, and what follows a commit."""

    def transaction(self) -> AbstractContextManager[None]:
        """Group writes; nested: a savepoint. An exception inside undoes the group. Raises Collision."""
        ...

    def lock_sessions(self, *, project_id: str, session_ids: Sequence[str]) -> None:
        """Inside a transaction: keep other writers out of these sessions until it ends."""
        ...

    def reserve_key(self, change: Change) -> None:
        """Inside a transaction: take the idempotency key. Raises KeyTaken, Conflict while in
        flight.
        """
        ...

    def keep_outcome(self, change: Change, written: Written) -> None:
        """Inside the same transaction: store the outcome under the reserved key."""
        ...

    def find_outcome(self, *, project_id: str, key: str) -> StoredOutcome | None:
        """The outcome of a write of the last 24 hours."""
        ...

    def expire_key(self, *, project_id: str, key: str) -> None:
        """Drop the key if it is older than 24 hours."""
        ...

    def settle(self, settlement: Settlement) -> Settled:
        """After the commit. Losing it loses no effect: the reaper sweeps, readers poll."""
        ...


class CommandStore(
    SessionStore, ConversationStore, MemoryStore, ArtifactStore, TaskStore, Ledger, Protocol
):
    """Everything the commands need."""
