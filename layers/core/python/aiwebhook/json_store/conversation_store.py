"""The `ConversationStore` and `MemoryStore` ports on a folder."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from aiwebhook.clock import Clock, utc_now
from aiwebhook.domain.event import EventType
from aiwebhook.json_store.blobs import JsonBlobStore
from aiwebhook.json_store.ledger import JsonLedger
from aiwebhook.json_store.locked_folder import LockedFolder
from aiwebhook.json_store.session_content import ChunkHead, KeptChunk, file_name
from aiwebhook.json_store.store_base import Happened
from aiwebhook.json_store.stored_session import StoredSession, file_of
from aiwebhook.ports.command_rows import (
    Change,
    Content,
    MemoryQuery,
    NewChunk,
    NewMemory,
    Page,
    Written,
)
from aiwebhook.ports.content_rows import MemoryRow, StoredChunk
from aiwebhook.ports.listed_rows import ChunkRow

Json = dict[str, Any]
_TRANSCRIPT = "conversation/full_transcript.txt"
_MOST_TRANSCRIPT = 16 * 1024 * 1024


class JsonConversationStore(JsonLedger):
    """Conversation and memories."""

    def __init__(self, folder: LockedFolder, blobs: JsonBlobStore, clock: Clock = utc_now) -> None:
        super().__init__(folder, clock)
        self._blobs = blobs

    def append_conversation(self, change: Change, chunk: NewChunk) -> Written | None:
        """Append; None when the session accepts nothing, or the chunk id is taken."""

        def write() -> Written | None:
            session = self._open_session(change)
            if session is None or self._head(session, chunk.chunk_id) is not None:
                return None
            size = chunk.content.size
            data = {"chunk_id": chunk.chunk_id, "size": size, "format": chunk.format}
            happened = Happened(type=EventType.CONVERSATION_APPENDED, data=data)
            seq = self._record(change, session, happened)
            text = self._bytes(change, chunk.content).decode("utf-8")
            self._put_chunk(session, chunk, text, seq)
            self._transcribe(session, text)
            return Written(data=data, cursor=seq)

        return self._once(change, write)

    def _put_chunk(self, session: StoredSession, chunk: NewChunk, text: str, seq: int) -> None:
        folder = f"{session.folder}/conversation"
        name = file_name(f"chunk_{chunk.chunk_id}", "chunk", ".json", self._folder.names(folder))
        fields: Json = {
            "chunk_id": chunk.chunk_id,
            "seq": seq,
            "content": text,
            "format": chunk.format,
            "start_time": chunk.start_time and chunk.start_time.isoformat(),
            "end_time": chunk.end_time and chunk.end_time.isoformat(),
            "participants": list(chunk.participants),
            "extracted_items": chunk.extracted_items,
            "metadata": chunk.metadata,
            "created_at": self._clock().isoformat(),
        }
        self._folder.put(f"{folder}/{name}", file_of(fields))

    def _transcribe(self, session: StoredSession, text: str) -> None:
        """A copy for people; what they changed in it stays."""
        path = f"{session.folder}/{_TRANSCRIPT}"
        if self._folder.size(path) > _MOST_TRANSCRIPT:
            self._folder.skip(path, "is too long to be continued")
            return
        before = self._folder.read(path) or b""
        self._folder.put(path, before + text.rstrip("\n").encode() + b"\n\n")

    def find_chunk(self, *, project_id: str, session_id: str, chunk_id: str) -> StoredChunk | None:
        with self._folder.reading():
            session = self._session(project_id, session_id)
            for seq, head in () if session is None else self._chunks(session):
                piece = self._piece(head) if head.chunk_id == chunk_id else None
                if piece is not None:
                    return StoredChunk(
                        chunk_id=chunk_id,
                        seq=seq,
                        content=piece.content.text,
                        content_sha256=piece.content.sha256,
                        size=piece.content.size,
                        format=piece.format,
                    )
        return None

    def page_conversation(
        self, *, project_id: str, session_id: str, from_seq: int, newest_first: bool, limit: int
    ) -> list[ChunkRow]:
        """Chunks from `from_seq` on."""
        with self._folder.reading():
            session = self._session(project_id, session_id)
            chunks = [] if session is None else self._chunks(session)
            if newest_first:
                chunks = [each for each in reversed(chunks) if each[0] <= from_seq]
            else:
                chunks = [each for each in chunks if each[0] >= from_seq]
            found = [(seq, self._piece(head)) for seq, head in chunks[:limit]]
        return [_chunk_row(seq, piece) for seq, piece in found if piece is not None]

    def _head(self, session: StoredSession, chunk_id: str) -> ChunkHead | None:
        return next((h for _, h in self._chunks(session) if h.chunk_id == chunk_id), None)

    def _piece(self, head: ChunkHead) -> KeptChunk | None:
        """With its text, which is found again by its digest where it is large."""
        piece = self._pieces.anew(head.path)
        if piece is not None and piece.content.sha256 is not None:
            self._blobs.remember(piece.content.sha256, lambda: self._text_at(head.path))
        return piece

    def _text_at(self, path: str) -> bytes | None:
        with self._folder.reading():
            piece = self._pieces.anew(path)
            return None if piece is None else piece.raw

    def _bytes(self, change: Change, content: Content) -> bytes:
        if content.sha256 is not None:
            return self._blobs.get(project_id=change.project_id, sha256=content.sha256)
        return (content.text or "").encode()

    def store_memory(self, change: Change, memory: NewMemory) -> Written | None:
        """Store as the next version of its key; the file holds the newest one."""

        def write() -> Written | None:
            session = self._open_session(change)
            if session is None:
                return None
            path, before = self._memory_at(session, memory.key)
            data: Json = {
                "key": memory.key,
                "version": 1 if before is None else before.version + 1,
                "type": memory.type,
                "tags": list(memory.tags),
            }
            happened = Happened(type=EventType.MEMORY_STORED, data=data)
            seq = self._record(change, session, happened)
            at = self._clock().isoformat()
            rest = {"content": memory.content, "source": memory.source, "created_at": at}
            self._folder.put(path, file_of({**data, **rest}))
            return Written(data=data, cursor=seq)

        return self._once(change, write)

    def _memory_at(self, session: StoredSession, key: str) -> tuple[str, MemoryRow | None]:
        """Its file, and what that holds; where it goes when there is none."""
        taken: list[str] = []
        for path in self._memory_paths(session):
            memory = self._memories.get(path)
            if memory is not None and memory.key == key:
                return path, memory
            taken.append(path.rpartition("/")[2])
        return f"{session.folder}/memories/{file_name(key, 'mem', '.json', taken)}", None

    def _memory_paths(self, session: StoredSession) -> list[str]:
        folder = f"{session.folder}/memories"
        return [f"{folder}/{n}" for n in self._folder.names(folder) if n.endswith(".json")]

    def _memories_of(self, session: StoredSession) -> list[MemoryRow]:
        found = map(self._memories.get, self._memory_paths(session))
        return [memory for memory in found if memory is not None]

    def forget_memory(self, change: Change, *, key: str) -> Written | None:
        """Remove it, whatever its version."""

        def write() -> Written | None:
            session = self._session(change.project_id, change.session_id)
            path, memory = ("", None) if session is None else self._memory_at(session, key)
            if session is None or memory is None:
                return None
            happened = Happened(type=EventType.MEMORY_FORGOTTEN, data={"key": key})
            seq = self._record(change, session, happened)
            self._folder.remove(path)
            data = {"key": key, "versions": memory.version, "forgotten": True}
            return Written(data=data, cursor=seq)

        return self._once(change, write)

    def find_memory(self, *, project_id: str, session_id: str, key: str) -> MemoryRow | None:
        """The current version."""
        with self._folder.reading():
            session = self._session(project_id, session_id)
            return None if session is None else self._memory_at(session, key)[1]

    def query_memories(
        self, *, project_id: str, session_id: str, query: MemoryQuery, page: Page
    ) -> list[MemoryRow]:
        """Current versions, newest first."""
        with self._folder.reading():
            session = self._session(project_id, session_id)
            memories = [] if session is None else self._memories_of(session)
        fitting = [
            memory
            for memory in memories
            if (query.type is None or memory.type == query.type)
            and set(query.tags) <= set(memory.tags)
            and all(word.lower() in _told_by(memory) for word in query.words)
            and (page.after is None or _place(memory) < page.after)
        ]
        return sorted(fitting, key=_place, reverse=True)[: page.limit]


def _place(memory: MemoryRow) -> tuple[datetime, str]:
    return memory.created_at, memory.key


def _told_by(memory: MemoryRow) -> str:
    """Where query_memories.sql looks for words."""
    content = memory.content
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return " ".join((memory.key, *memory.tags, text)).lower()


def _chunk_row(seq: int, piece: KeptChunk) -> ChunkRow:
    return ChunkRow(
        chunk_id=piece.chunk_id,
        seq=seq,
        content=piece.content.text,
        content_sha256=piece.content.sha256,
        size=piece.content.size,
        format=piece.format,
        start_time=piece.start_time,
        end_time=piece.end_time,
        participants=piece.participants,
        created_at=piece.created_at,
    )
