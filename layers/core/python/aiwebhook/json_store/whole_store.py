"""The whole store: the `CommandStore` port on a folder, and with it the `ObservationStore`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiwebhook.clock import utc_now
from aiwebhook.domain.lease import RunLease
from aiwebhook.json_store.session_content import KeptChunk, lines_in
from aiwebhook.json_store.session_store import JsonSessionStore
from aiwebhook.json_store.store_base import DELETED, EVENTS_FILE, FEED, PROJECT_ID, STATE
from aiwebhook.json_store.stored_session import number_in, time_in
from aiwebhook.json_store.task_records import needs_postgres
from aiwebhook.ports.command_rows import Page
from aiwebhook.ports.observation import (
    AgentLoad,
    ConversationRow,
    EventPosition,
    EventRow,
    FeedPosition,
    PendingMigrations,
    ProjectEventRow,
    RunSignal,
    SessionPosition,
    TaskEventRow,
    TranscriptRow,
    WorkerRow,
)
from aiwebhook.session_folder.earlier_format import DamagedError, file_object

Json = dict[str, Any]
_XID = "0"
"""Who writes is alone: `event_no` is the order, and Postgres' transactions have no counterpart."""


class JsonStore(JsonSessionStore):
    """Everything of a folder. Safe between threads and between processes."""

    _feed: list[Json] | None = None
    _fed = 0

    def session_events(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[EventRow]:
        """In the order of `seq`."""
        with self._folder.reading():
            events = self._events(project_id, session_id)
        rows = [_event_row(event) for seq, event in sorted(events.items()) if seq > after_seq]
        return rows[:limit]

    def _events(self, project_id: str, session_id: str) -> dict[int, Json]:
        """By seq; of a deleted session the last one alone."""
        session = self._session(project_id, session_id)
        if session is None:
            left = self._folder.read(f"{DELETED}/{session_id}.json")
            events = [] if left is None or project_id != PROJECT_ID else [file_object(left)]
        else:
            path = f"{session.folder}/{EVENTS_FILE}"
            raw = self._folder.read_log(path)[: session.events_bytes]
            events = list(lines_in(raw))
            if None in events:
                self._folder.skip(path, "has a line that is no JSON object")
        told = {number_in(event, "seq"): event for event in events if event is not None}
        return {seq: event for seq, event in told.items() if seq is not None}

    def session_position(
        self, *, project_id: str, session_id: str, after_seq: int
    ) -> SessionPosition | None:
        """None: there never was such a session."""
        with self._folder.reading():
            session = self._session(project_id, session_id)
            events = self._events(project_id, session_id)
            if session is None and not events:
                return None
            last = max(events, default=0) if session is None else self._last_seq(session)
        return SessionPosition(last_seq=last, truncated=after_seq > last)

    def project_events(
        self,
        *,
        project_id: str,
        after: EventPosition,
        types: Sequence[str] | None,
        limit: int,
    ) -> list[ProjectEventRow]:
        """In the order in which they were written."""
        rows: list[ProjectEventRow] = []
        seen: dict[str, dict[int, Json]] = {}
        with self._folder.reading():
            for place in self._places() if project_id == PROJECT_ID else ():
                if place["event_no"] <= after.event_no:
                    continue
                if types is not None and place["type"] not in types:
                    continue
                session_id = place["session_id"]
                if session_id not in seen:
                    seen[session_id] = self._events(project_id, session_id)
                event = seen[session_id].get(place["seq"])
                if event is not None and event.get("event_no") == place["event_no"]:
                    rows.append(ProjectEventRow(**_event_fields(event), xid=_XID))
                if len(rows) == limit:
                    break
        return rows

    def _places(self) -> list[Json]:
        """Of all events; only what is new is read from the disk."""
        size = number_in(self._state(), "feed_bytes") or 0
        if self._feed is None or self._fed > size:
            self._feed, self._fed = [], 0
        if self._fed < size:
            more = self._folder.read_log(FEED, at=self._fed)[: size - self._fed]
            wanted = {"event_no", "session_id", "seq", "type"}
            self._feed += [line for line in lines_in(more) if line and wanted <= line.keys()]
            self._fed = size
        return self._feed

    def _state(self) -> Json:
        try:
            raw = self._folder.read(STATE)
            return {} if raw is None else file_object(raw)
        except DamagedError:
            return {}

    def feed_position(self, *, project_id: str, after: EventPosition) -> FeedPosition:
        """Where a reader goes on; at the end, who comes from another store."""
        del project_id
        last = self.newest_event_position().event_no
        foreign = after.xid != _XID or after.event_no > last
        event_no = last if foreign else after.event_no
        return FeedPosition(xid=_XID, event_no=event_no, truncated=foreign)

    def newest_event_position(self) -> EventPosition:
        with self._folder.reading():
            last = number_in(self._state(), "last_event_no") or 0
        return EventPosition(xid=_XID, event_no=last)

    def feed_held_back(self) -> int:
        """Nobody holds it back."""
        return 0

    def list_agents(self, *, project_id: str) -> list[AgentLoad]:
        """Raises Conflict."""
        del project_id
        raise needs_postgres("The queue of tasks")

    def list_workers(self, *, project_id: str, page: Page) -> list[WorkerRow]:
        """Raises Conflict."""
        del project_id, page
        raise needs_postgres("The queue of tasks")

    def list_conversation(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[ConversationRow] | None:
        """Oldest first; None: no such session."""
        with self._folder.reading():
            session = self._session(project_id, session_id)
            if session is None:
                return None
            chunks = [each for each in self._chunks(session) if each[0] > after_seq][:limit]
            found = [(seq, self._piece(head)) for seq, head in chunks]
        return [_conversation_row(seq, piece) for seq, piece in found if piece is not None]

    def newest_conversation(
        self, *, project_id: str, session_id: str, limit: int
    ) -> list[TranscriptRow]:
        """What was said last, oldest of it first."""
        with self._folder.reading():
            session = self._session(project_id, session_id)
            chunks = [] if session is None else self._chunks(session)[-limit:]
            found = [(seq, self._piece(head)) for seq, head in chunks]
        return [_transcript_row(seq, piece) for seq, piece in found if piece is not None]

    def task_events(
        self, *, project_id: str, session_id: str, task_id: str, limit: int
    ) -> list[TaskEventRow]:
        """Of a task; none happens here."""
        del project_id, session_id, task_id, limit
        return []

    def runs_shall_stop(self, leases: Sequence[RunLease]) -> list[RunSignal]:
        """Raises Conflict."""
        del leases
        raise needs_postgres("The queue of tasks")

    def pending_migrations(self) -> PendingMigrations:
        """A folder has none; it must be there and be readable. Raises Unavailable."""
        with self._folder.reading():
            return PendingMigrations(pre=(), post=())


def _event_fields(event: Json) -> Json:
    return {
        "event_no": number_in(event, "event_no") or 0,
        "event_id": str(event.get("event_id")),
        "type": str(event.get("type")),
        "created_at": time_in(event, "created_at") or utc_now(),
        "project_id": PROJECT_ID,
        "session_id": event.get("session_id"),
        "seq": number_in(event, "seq"),
        "task_id": event.get("task_id"),
        "data": event.get("data") or {},
    }


def _event_row(event: Json) -> EventRow:
    return EventRow(**_event_fields(event))


def _conversation_row(seq: int, piece: KeptChunk) -> ConversationRow:
    digest = piece.content.sha256
    return ConversationRow(
        chunk_id=piece.chunk_id,
        seq=seq,
        content=piece.content.text,
        content_sha256=None if digest is None else digest.hex(),
        size=piece.content.size,
        format=piece.format,
        start_time=piece.start_time,
        end_time=piece.end_time,
        participants=piece.participants,
        extracted_items=piece.extracted_items,
        metadata=piece.metadata,
        created_at=piece.created_at,
    )


def _transcript_row(seq: int, piece: KeptChunk) -> TranscriptRow:
    return TranscriptRow(
        seq=seq,
        content=piece.content.text,
        content_sha256=piece.content.sha256,
        size=piece.content.size,
        participants=piece.participants,
        created_at=piece.created_at,
    )
