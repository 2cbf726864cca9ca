"""The `SessionStore` port on a folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aiwebhook.domain.catching_up import WORDS_KEPT, CatchUp, KeptMemory, RecentChunk, TaskGlimpse
from aiwebhook.domain.event import EventType
from aiwebhook.domain.task import TERMINAL
from aiwebhook.json_store.artifact_store import JsonArtifactStore
from aiwebhook.json_store.session_content import file_name
from aiwebhook.json_store.store_base import DELETED, PROJECT_ID, Happened
from aiwebhook.json_store.stored_session import StoredSession, file_of, number_in
from aiwebhook.ports.command_rows import Change, NewSession, Page, Written
from aiwebhook.ports.content_rows import MemoryRow, SessionFigures, SessionListing, SessionRow
from aiwebhook.ports.task_rows import TaskRow
from aiwebhook.session_folder.earlier_format import file_object

Json = dict[str, Any]
_GLANCE = 300
_OPEN = ("action_item", "question")


class JsonSessionStore(JsonArtifactStore):
    """Sessions."""

    def create_session(self, change: Change, session: NewSession) -> Written | None:
        """Create; None when the id is taken."""

        def write() -> Written | None:
            if change.project_id != PROJECT_ID or self._session(PROJECT_ID, change.session_id):
                return None
            folder = self._free_folder(change.session_id)
            fields: Json = {
                "title": session.title,
                "participants": list(session.participants),
                "context": session.context,
                "metadata": session.metadata,
                "time_zone": session.time_zone,
                "status": "active",
                "fingerprint": session.fingerprint.hex(),
            }
            opened = self._unwritten(change, folder, session)
            created = Happened(
                type=EventType.SESSION_CREATED, data={"title": session.title}, fields=fields
            )
            seq = self._record(change, opened, created)
            return Written(data={"status": "active", "title": session.title}, cursor=seq)

        return self._once(change, write)

    def _free_folder(self, session_id: str) -> str:
        """That of its id, or another where something lies there that is no session."""
        taken = [session_id] if self._folder.exists(session_id) else []
        return file_name(session_id, "sess", "", taken)

    def _unwritten(self, change: Change, folder: str, session: NewSession) -> StoredSession:
        """Who takes the id of a deleted session goes on counting."""
        now = self._clock()
        left = self._folder.read(f"{DELETED}/{change.session_id}.json")
        return StoredSession(
            folder=folder,
            session_id=change.session_id,
            title=session.title,
            participants=session.participants,
            context=session.context,
            metadata=session.metadata,
            status="active",
            time_zone=session.time_zone,
            fingerprint=session.fingerprint,
            created_at=now,
            last_activity_at=now,
            completed_at=None,
            last_seq=0 if left is None else number_in(file_object(left), "seq") or 0,
            events_bytes=0,
        )

    def change_session_status(
        self, change: Change, *, allowed: Sequence[str], status: str, event_type: str
    ) -> Written | None:
        """Set the status if the current one is among `allowed`."""

        def write() -> Written | None:
            session = self._session(change.project_id, change.session_id)
            if session is None or session.status not in allowed:
                return None
            ended = self._clock().isoformat() if status == "completed" else None
            fields = {"status": status, "completed": ended}
            data = {"title": session.title}
            seq = self._record(change, session, Happened(type=event_type, data=data, fields=fields))
            return Written(data={"status": status, "title": session.title}, cursor=seq)

        return self._once(change, write)

    def delete_session(self, change: Change) -> Written | None:
        """Delete it with everything in its folder; one event stays."""

        def write() -> Written | None:
            session = self._session(change.project_id, change.session_id)
            if session is None:
                return None
            seq = self._last_seq(session) + 1
            deleted = Happened(type=EventType.SESSION_DELETED, data={})
            last = self._next_event(change, deleted, seq, self._clock())
            self._folder.put(f"{DELETED}/{change.session_id}.json", file_of(file_object(last)))
            self._folder.remove_folder(session.folder)
            return Written(data={"title": session.title, "deleted": True}, cursor=seq)

        return self._once(change, write)

    def find_session(self, *, project_id: str, session_id: str) -> SessionRow | None:
        """The session with its fingerprint."""
        with self._folder.reading():
            session = self._session(project_id, session_id)
            return None if session is None else session.row(self._last_seq(session))

    def list_sessions(
        self, *, project_id: str, status: str | None, search: str | None, page: Page
    ) -> list[SessionListing]:
        """Sessions, newest first."""
        if project_id != PROJECT_ID:
            return []
        with self._folder.reading():
            fitting = [
                session
                for session in self._sessions.all()
                if (status is None or session.status == status)
                and (search is None or session.mentions(search))
                and (page.after is None or _place(session) < page.after)
            ]
        newest = sorted(fitting, key=_place, reverse=True)
        return [session.listing() for session in newest[: page.limit]]

    def summarize_session(self, *, project_id: str, session_id: str) -> SessionFigures | None:
        """The fields of `get_session_summary`."""
        with self._folder.reading():
            session = self._session(project_id, session_id)
            if session is None:
                return None
            tasks = self._tasks_of(session)
            stats = {
                "conversation_chunks": len(self._chunks(session)),
                "memories": len(self._memories_of(session)),
                "tasks": len(tasks),
                "artifacts": len(self._artifacts_of(session)),
                "active_tasks": sum(task.status not in TERMINAL for task in tasks),
            }
        until = session.completed_at or session.last_activity_at
        return SessionFigures(
            session_id=session.session_id,
            title=session.title,
            participants=session.participants,
            context=session.context,
            time_zone=session.time_zone,
            status=session.status,
            created=session.created_at,
            last_activity=session.last_activity_at,
            duration_minutes=round((until - session.created_at).total_seconds() / 60, 1),
            stats=stats,
            usage=None,
        )

    def catch_up(self, *, project_id: str, session_id: str) -> CatchUp | None:
        """What a caller needs to continue the session."""
        with self._folder.reading():
            session = self._session(project_id, session_id)
            if session is None:
                return None
            heads = [head for _, head in self._chunks(session)[-2:]]
            pieces = [piece for piece in (self._pieces.anew(head.path) for head in heads) if piece]
            memories = sorted(self._memories_of(session), key=lambda m: m.created_at, reverse=True)
            tasks = sorted(self._tasks_of(session), key=lambda t: t.created_at, reverse=True)
        return CatchUp(
            title=session.title,
            status=session.status,
            time_zone=session.time_zone,
            context=session.context and session.context[:_GLANCE],
            last_words=[
                RecentChunk(chunk_id=p.chunk_id, text=p.raw.decode(errors="replace")[-WORDS_KEPT:])
                for p in pieces
            ],
            decisions=[_kept(m) for m in memories if m.type == "decision"][:5],
            open_items=[_kept(m) for m in memories if m.type in _OPEN][:5],
            running_tasks=[_glimpse(t) for t in tasks if t.status not in TERMINAL][:5],
            finished_tasks=[_glimpse(t) for t in tasks if t.status in TERMINAL][:5],
        )


def _place(session: StoredSession) -> tuple[datetime, str]:
    return session.created_at, session.session_id


def _kept(memory: MemoryRow) -> KeptMemory:
    content = memory.content
    text = content if isinstance(content, str) else content.get("text", content.get("title"))
    told = text if isinstance(text, str) else str(content)
    return KeptMemory(key=memory.key, type=memory.type, text=told[:_GLANCE])


def _glimpse(task: TaskRow) -> TaskGlimpse:
    return TaskGlimpse(
        task_id=task.task_id,
        agent_name=task.agent_name,
        agent_title=task.agent_title,
        status=task.status,
        description=task.description and task.description[:_GLANCE],
        say=task.say,
        error=task.error,
    )
