"""Port to the store behind the commands: every write is all or nothing and records its event.

Writes return `Written`, or None when their guard did not hold (no such session, wrong
state, id taken); the use case then reads the reason. All methods raise Unavailable when the
store is unavailable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aiwebhook.domain.catching_up import CatchUp
from aiwebhook.domain.waiting import TaskSituation
from aiwebhook.ports.command_rows import (
    Change,
    Json,
    MemoryQuery,
    NewArtifact,
    NewChunk,
    NewMemory,
    NewSession,
    NewTask,
    Page,
    Written,
    WrittenTask,
)
from aiwebhook.ports.content_rows import (
    ArtifactListing,
    ArtifactRow,
    MemoryRow,
    SessionFigures,
    SessionListing,
    SessionRow,
    StoredChunk,
)
from aiwebhook.ports.ledger import Ledger, NewsStore
from aiwebhook.ports.listed_rows import AgentRow, ChunkRow
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.task_rows import FoundAgent, TaskListing, TaskRow


class SessionStore(Protocol):
    def create_session(self, change: Change, session: NewSession) -> Written | None:
        """Create it; None when the id is taken."""
        ...

    def change_session_status(
        self, change: Change, *, allowed: Sequence[str], status: str, event_type: str
    ) -> Written | None:
        """Set the status if the current one is among `allowed`."""
        ...

    def delete_session(self, change: Change) -> Written | None:
        """Delete it with everything in it; one `session.deleted` event remains."""
        ...

    def find_session(self, *, project_id: str, session_id: str) -> SessionRow | None:
        """The session with its fingerprint."""
        ...

    def summarize_session(self, *, project_id: str, session_id: str) -> SessionFigures | None:
        """The counts and totals of its content."""
        ...

    def catch_up(self, *, project_id: str, session_id: str) -> CatchUp | None:
        """What a caller needs to continue the session; None when it does not exist."""
        ...

    def list_sessions(
        self, *, project_id: str, status: str | None, search: str | None, page: Page
    ) -> list[SessionListing]:
        """Newest first."""
        ...


class ConversationStore(Protocol):
    def append_conversation(self, change: Change, chunk: NewChunk) -> Written | None:
        """Append; None when the session accepts nothing, or the chunk id is taken."""
        ...

    def find_chunk(
        self, *, project_id: str, session_id: str, chunk_id: str
    ) -> StoredChunk | None: ...

    def page_conversation(
        self, *, project_id: str, session_id: str, from_seq: int, newest_first: bool, limit: int
    ) -> list[ChunkRow]:
        """Chunks from this seq on, inclusive."""
        ...


class MemoryStore(Protocol):
    def store_memory(self, change: Change, memory: NewMemory) -> Written | None:
        """Store as the next version of its key."""
        ...

    def forget_memory(self, change: Change, *, key: str) -> Written | None:
        """Remove all versions; None when there is none."""
        ...

    def find_memory(self, *, project_id: str, session_id: str, key: str) -> MemoryRow | None:
        """The current version."""
        ...

    def query_memories(
        self, *, project_id: str, session_id: str, query: MemoryQuery, page: Page
    ) -> list[MemoryRow]:
        """Current versions, newest first."""
        ...


class ArtifactStore(Protocol):
    def add_artifact(self, change: Change, artifact: NewArtifact) -> Written | None:
        """Add; None when the session accepts nothing, or the artifact id is taken."""
        ...

    def find_artifact(self, *, project_id: str, artifact_id: str) -> ArtifactRow | None:
        """With its content, or the digest of it."""
        ...

    def list_artifacts(
        self,
        *,
        project_id: str,
        session_id: str | None,
        artifact_type: str | None,
        task_id: str | None,
        page: Page,
    ) -> list[ArtifactListing]:
        """Newest first."""
        ...


class TaskStore(Protocol):
    def agent_names(self, *, project_id: str) -> Sequence[str]:
        """The names of the project's agents, in order."""
        ...

    def describe_agents(self, *, project_id: str) -> list[AgentRow]:
        """All agents of the project, by name."""
        ...

    def find_agent(self, *, project_id: str, agent_name: str) -> FoundAgent | None:
        """By name or alias."""
        ...

    def recall_agent(self, *, project_id: str, agent_name: str) -> FoundAgent | None:
        """The agent as this process last read it; it may have changed since."""
        ...

    def delegate_task(self, change: Change, task: NewTask, answer: Json) -> Written | None:
        """Queue it; None when the session accepts nothing, or the task id is taken. The reply is
        stored under the idempotency key with the task's `status` and `situation`.
        """
        ...

    def dependency_states(
        self, *, project_id: str, depends_on: Sequence[str]
    ) -> dict[str, str | None]:
        """Status by task id; None where the task does not exist."""
        ...

    def find_task(self, *, project_id: str, task_id: str) -> TaskRow | None:
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
    ) -> list[TaskListing]:
        """Newest first."""
        ...

    def explain_task(self, *, project_id: str, task_id: str) -> TaskSituation | None:
        """What the queue knows about a task."""
        ...

    def resolve_dependants(
        self, *, project_id: str, task_ids: Sequence[str]
    ) -> tuple[tuple[OutboxRow, ...], list[str]]:
        """Resolve the dependants of these ended tasks; returns outbox rows to push, and the tasks
        that ended in turn and have dependants themselves.
        """
        ...

    def cancel_task(self, change: Change, *, task_id: str) -> WrittenTask | None:
        """Cancel, or ask its run to stop; None when it has ended. Its data is the task's `status`
        and whether `cancel_requested`.
        """
        ...

    def retry_task(self, change: Change, *, task_id: str) -> WrittenTask | None:
        """Queue an ended task again; None when it has not ended badly. Its data is the task's
        `status` and `situation`.
        """
        ...

    def reply_to_task(
        self, change: Change, *, task_id: str, message: Json, reading_kinds: Sequence[str]
    ) -> WrittenTask | None:
        """Store a message for its run; None when it has ended, or its agent reads no messages."""
        ...

    def wait_for_change(self, *, timeout_s: float) -> None:
        """Return when something changed anywhere, or after `timeout_s`. May return early."""
        ...


class CommandStore(
    SessionStore,
    ConversationStore,
    MemoryStore,
    ArtifactStore,
    TaskStore,
    NewsStore,
    Ledger,
    Protocol,
):
    """Everything the commands need."""
