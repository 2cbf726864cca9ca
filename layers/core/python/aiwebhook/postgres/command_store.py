"""The `CommandStore` port on Postgres; each method runs the statement of its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from aiwebhook.domain.catching_up import CatchUp, KeptMemory, RecentChunk, TaskGlimpse
from aiwebhook.ports.command_rows import (
    Change,
    Content,
    Json,
    MemoryQuery,
    NewArtifact,
    NewChunk,
    NewMemory,
    NewSession,
    Page,
    Written,
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
from aiwebhook.ports.listed_rows import ChunkRow
from aiwebhook.postgres.command_tasks import PostgresCommandTasks
from aiwebhook.postgres.flush import Call
from aiwebhook.postgres.keyset import keyset
from aiwebhook.postgres.written_rows import WrittenRow, written


@dataclass(frozen=True, slots=True, kw_only=True)
class _CatchUpRow:
    title: str | None
    status: str
    time_zone: str | None
    context: str | None
    last_words: list[Json]
    decisions: list[Json]
    open_items: list[Json]
    running_tasks: list[Json]
    finished_tasks: list[Json]

    def read(self) -> CatchUp:
        """With its JSON lists as values."""
        return CatchUp(
            title=self.title,
            status=self.status,
            time_zone=self.time_zone,
            context=self.context,
            last_words=[RecentChunk(**each) for each in self.last_words],
            decisions=[KeptMemory(**each) for each in self.decisions],
            open_items=[KeptMemory(**each) for each in self.open_items],
            running_tasks=[TaskGlimpse(**each) for each in self.running_tasks],
            finished_tasks=[TaskGlimpse(**each) for each in self.finished_tasks],
        )


class PostgresCommandStore(PostgresCommandTasks):
    """Sessions, conversation, memories, artifacts; tasks, news and ledger are
    in the base classes.
    """

    def create_session(self, change: Change, session: NewSession) -> Written | None:
        """Create it; None when the id is taken."""
        row = self._write(
            "create_session",
            change,
            {
                "title": session.title,
                "participants": list(session.participants),
                "context": session.context,
                "metadata": Jsonb(session.metadata),
                "session_fingerprint": session.fingerprint,
                "time_zone": session.time_zone,
            },
            WrittenRow,
        )
        return written(row)

    def change_session_status(
        self, change: Change, *, allowed: Sequence[str], status: str, event_type: str
    ) -> Written | None:
        """Set the status if the current one is among `allowed`."""
        row = self._write(
            "change_session_status",
            change,
            {"allowed": list(allowed), "status": status, "event_type": event_type},
            WrittenRow,
        )
        return written(row)

    def delete_session(self, change: Change) -> Written | None:
        """Delete it with everything in it."""
        locks = (self._lock_session_tasks(change), self._lock_session(change))
        return written(self._write("delete_session", change, {}, WrittenRow, locks=locks))

    def _lock_session_tasks(self, change: Change) -> Call[int]:
        params = {"project_id": change.project_id, "session_id": change.session_id}
        return Call.run("lock_session_tasks", params)

    def find_session(self, *, project_id: str, session_id: str) -> SessionRow | None:
        """The session with its fingerprint."""
        params = {"project_id": project_id, "session_id": session_id}
        return self._database.row("find_session", params, SessionRow)

    def summarize_session(self, *, project_id: str, session_id: str) -> SessionFigures | None:
        """The fields of `get_session_summary`."""
        params = {"project_id": project_id, "session_id": session_id}
        return self._database.row("summarize_session", params, SessionFigures)

    def catch_up(self, *, project_id: str, session_id: str) -> CatchUp | None:
        """What a caller needs to continue the session; None when it does not exist."""
        params = {"project_id": project_id, "session_id": session_id}
        row = self._database.row("catch_up", params, _CatchUpRow)
        return None if row is None else row.read()

    def list_sessions(
        self, *, project_id: str, status: str | None, search: str | None, page: Page
    ) -> list[SessionListing]:
        """Sessions, newest first."""
        return self._database.rows(
            "list_sessions",
            {"project_id": project_id, "status": status, "search": search, **keyset(page)},
            SessionListing,
        )

    def append_conversation(self, change: Change, chunk: NewChunk) -> Written | None:
        """Append; None when the session accepts nothing, or the chunk id is taken."""
        row = self._write(
            "append_conversation",
            change,
            {
                "chunk_id": chunk.chunk_id,
                "format": chunk.format,
                "start_time": chunk.start_time,
                "start_offset_s": chunk.start_offset_s,
                "end_time": chunk.end_time,
                "participants": list(chunk.participants),
                "extracted_items": Jsonb(chunk.extracted_items),
                "metadata": Jsonb(chunk.metadata),
                **_content(chunk.content),
            },
            WrittenRow,
        )
        return written(row)

    def find_chunk(self, *, project_id: str, session_id: str, chunk_id: str) -> StoredChunk | None:
        params = {"project_id": project_id, "session_id": session_id, "chunk_id": chunk_id}
        return self._database.row("find_chunk", params, StoredChunk)

    def page_conversation(
        self, *, project_id: str, session_id: str, from_seq: int, newest_first: bool, limit: int
    ) -> list[ChunkRow]:
        """Chunks from `from_seq` on."""
        params = {
            "project_id": project_id,
            "session_id": session_id,
            "from_seq": from_seq,
            "newest_first": newest_first,
            "limit": limit,
        }
        return self._database.rows("page_conversation", params, ChunkRow)

    def store_memory(self, change: Change, memory: NewMemory) -> Written | None:
        """Store as the next version of its key."""
        row = self._write(
            "store_memory",
            change,
            {
                "key": memory.key,
                "type": memory.type,
                "content": Jsonb(memory.content),
                "tags": list(memory.tags),
                "source": None if memory.source is None else Jsonb(memory.source),
            },
            WrittenRow,
        )
        return written(row)

    def forget_memory(self, change: Change, *, key: str) -> Written | None:
        """Remove all versions."""
        locks = (self._lock_session(change),)
        row = self._write("forget_memory", change, {"key": key}, WrittenRow, locks=locks)
        return written(row)

    def find_memory(self, *, project_id: str, session_id: str, key: str) -> MemoryRow | None:
        """The current version."""
        params = {"project_id": project_id, "session_id": session_id, "key": key}
        return self._database.row("find_memory", params, MemoryRow)

    def query_memories(
        self, *, project_id: str, session_id: str, query: MemoryQuery, page: Page
    ) -> list[MemoryRow]:
        """Current versions, newest first."""
        return self._database.rows(
            "query_memories",
            {
                "project_id": project_id,
                "session_id": session_id,
                "type": query.type,
                "tags": list(query.tags),
                "words": list(query.words),
                **keyset(page),
            },
            MemoryRow,
        )

    def add_artifact(self, change: Change, artifact: NewArtifact) -> Written | None:
        """Add; None when the session accepts nothing, or the artifact id is taken."""
        row = self._write(
            "add_artifact",
            change,
            {
                "artifact_id": artifact.artifact_id,
                "task_id": artifact.task_id,
                "name": artifact.name,
                "type": artifact.type,
                "format": artifact.format,
                "content_type": artifact.content_type,
                "metadata": Jsonb(artifact.metadata),
                **_content(artifact.content),
            },
            WrittenRow,
        )
        return written(row)

    def find_artifact(self, *, project_id: str, artifact_id: str) -> ArtifactRow | None:
        """One artifact, with content or content_sha256."""
        params = {"project_id": project_id, "artifact_id": artifact_id}
        return self._database.row("find_artifact", params, ArtifactRow)

    def list_artifacts(
        self,
        *,
        project_id: str,
        session_id: str | None,
        artifact_type: str | None,
        task_id: str | None,
        page: Page,
    ) -> list[ArtifactListing]:
        """Artifacts, newest first, without content."""
        return self._database.rows(
            "list_artifacts",
            {
                "project_id": project_id,
                "session_id": session_id,
                "type": artifact_type,
                "task_id": task_id,
                **keyset(page),
            },
            ArtifactListing,
        )


def _content(content: Content) -> dict[str, object]:
    return {"content": content.text, "content_sha256": content.sha256, "size": content.size}
