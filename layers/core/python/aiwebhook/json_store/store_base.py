"""What all parts of the JSON store share: its sessions, and the event that every change leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiwebhook.clock import Clock, utc_now
from aiwebhook.domain.idempotency import KEY_LIFE_S
from aiwebhook.ids import new_id
from aiwebhook.json_store.locked_folder import LockedFolder
from aiwebhook.json_store.session_content import (
    ChunkHead,
    chunk_head_in,
    chunk_in,
    memory_in,
    meta_in,
)
from aiwebhook.json_store.sessions_index import ReadFiles, SessionsIndex
from aiwebhook.json_store.stored_session import StoredSession, file_of, number_in
from aiwebhook.ports.command_rows import Change, KeyTaken, StoredOutcome, Written
from aiwebhook.session_folder.earlier_format import DamagedError, file_object
from aiwebhook.session_folder.session_files import SESSION_FILE, STORE_FOLDER

Json = dict[str, Any]
PROJECT_ID = "default"
"""A folder is one project."""
EVENTS_FILE = "events.jsonl"
FEED, STATE, DELETED = (
    f"{STORE_FOLDER}/feed.jsonl",
    f"{STORE_FOLDER}/state.json",
    f"{STORE_FOLDER}/deleted",
)
_MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptOutcome:
    outcome: StoredOutcome
    kept_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What a change of a session leaves in its log. `fields`: of its file, that change with it."""

    type: str
    data: Json
    task_id: str | None = None
    fields: Json = field(default_factory=dict[str, Any])


class JsonStoreBase:
    """Keys of requests are remembered as long as this object lives: a folder holds content."""

    def __init__(self, folder: LockedFolder, clock: Clock = utc_now) -> None:
        self._folder = folder
        self._clock = clock
        self._sessions = SessionsIndex(folder)
        self._heads = ReadFiles(folder, chunk_head_in)
        self._pieces = ReadFiles(folder, chunk_in)
        self._memories = ReadFiles(folder, memory_in)
        self._metas = ReadFiles(folder, meta_in)
        self._outcomes: dict[str, _KeptOutcome] = {}
        self._seen_artifacts: dict[str, str] = {}

    def _session(self, project_id: str, session_id: str) -> StoredSession | None:
        return self._sessions.find(session_id) if project_id == PROJECT_ID else None

    def _open_session(self, change: Change) -> StoredSession | None:
        """None also for a completed one, which takes nothing new."""
        session = self._session(change.project_id, change.session_id)
        return None if session is None or session.status == "completed" else session

    def _chunks(self, session: StoredSession) -> list[tuple[int, ChunkHead]]:
        """In their order; those that the earlier system wrote come first, in the order of time."""
        folder = f"{session.folder}/conversation"
        names = self._folder.names(folder)
        paths = [f"{folder}/{n}" for n in names if n.startswith("chunk_") and n.endswith(".json")]
        heads = [head for head in map(self._heads.get, paths) if head is not None]
        counted = [(head.seq, head) for head in heads if head.seq is not None]
        earlier = sorted((h for h in heads if h.seq is None), key=lambda h: (h.at, h.chunk_id))
        numbered = [*enumerate(earlier, 1), *counted]
        return sorted(numbered, key=lambda each: (each[0], each[1].chunk_id))

    def _last_seq(self, session: StoredSession) -> int:
        if session.last_seq is not None:
            return session.last_seq
        return max((seq for seq, _ in self._chunks(session)), default=0)

    def _record(self, change: Change, session: StoredSession, happened: Happened) -> int:
        """Within `writing`: the change is in the session's log, its file and the feed; its seq."""
        now = self._clock()
        seq = self._last_seq(session) + 1
        path = f"{session.folder}/{EVENTS_FILE}"
        at = min(session.events_bytes, self._folder.size(path))
        line = self._next_event(change, happened, seq, now)
        self._folder.append(path, at, line)
        fields = {
            **_object_in(self._folder.read(f"{session.folder}/{SESSION_FILE}")),
            "session_id": session.session_id,
            "created": session.created_at.isoformat(),
            "last_activity": now.isoformat(),
            "last_seq": seq,
            "events_bytes": at + len(line),
            **happened.fields,
        }
        self._folder.put(f"{session.folder}/{SESSION_FILE}", file_of(fields))
        return seq

    def _next_event(self, change: Change, happened: Happened, seq: int, now: datetime) -> bytes:
        """Its line; with the place in the feed that it takes."""
        state = _object_in(self._folder.read(STATE))
        number = (number_in(state, "last_event_no") or 0) + 1
        event: Json = {
            "event_no": number,
            "event_id": new_id("evt"),
            "session_id": change.session_id,
            "seq": seq,
            "type": happened.type,
            "task_id": happened.task_id,
            "data": happened.data,
            "correlation_id": change.correlation_id,
            "created_at": now.isoformat(),
        }
        at = min(number_in(state, "feed_bytes") or 0, self._folder.size(FEED))
        place = _line({name: event[name] for name in ("event_no", "session_id", "seq", "type")})
        self._folder.append(FEED, at, place)
        feed_bytes = at + len(place)
        self._folder.put(STATE, file_of({"last_event_no": number, "feed_bytes": feed_bytes}))
        return _line(event)

    def _once(self, change: Change, write: Callable[[], Written | None]) -> Written | None:
        """The write as one change of the folder. Raises KeyTaken, Unavailable."""
        with self._folder.writing():
            self._refuse_taken(change)
            written = write()
        if written is not None:
            self._remember(change, written)
        return written

    def _refuse_taken(self, change: Change) -> None:
        key = change.idempotency
        if key is not None and self._outcome(key.key, key.valid_s) is not None:
            raise KeyTaken("This idempotency key was used before.")

    def _remember(self, change: Change, written: Written) -> None:
        key = change.idempotency
        if key is None:
            return
        if len(self._outcomes) >= _MOST_KEYS:
            del self._outcomes[next(iter(self._outcomes))]
        outcome = StoredOutcome(
            fingerprint=key.fingerprint,
            request_id=change.request_id,
            session_id=change.session_id or None,
            data=written.data,
            cursor=written.cursor,
        )
        self._outcomes[key.key] = _KeptOutcome(outcome=outcome, kept_at=self._clock())

    def _outcome(self, key: str, valid_s: int = KEY_LIFE_S) -> StoredOutcome | None:
        kept = self._outcomes.get(key)
        if kept is None or self._clock() - kept.kept_at > timedelta(seconds=valid_s):
            return None
        return kept.outcome


def _line(value: Json) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n".encode("utf-8", "surrogatepass")


def _object_in(raw: bytes | None) -> Json:
    """{} if the file is missing or damaged: it is then written again."""
    try:
        return {} if raw is None else file_object(raw)
    except DamagedError:
        return {}
