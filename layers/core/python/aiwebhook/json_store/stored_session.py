"""A session as its `session.json` describes it, whichever program wrote that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiwebhook.ports.content_rows import SessionListing, SessionRow
from aiwebhook.session_folder.earlier_format import file_object, session_told

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """`last_seq`: None where the earlier system wrote it, which counted nothing. `events_bytes`:
    how much of the events' file counts.
    """

    folder: str
    session_id: str
    title: str | None
    participants: Sequence[str]
    context: str | None
    metadata: Json
    status: str
    time_zone: str | None
    fingerprint: bytes | None
    created_at: datetime
    last_activity_at: datetime
    completed_at: datetime | None
    last_seq: int | None
    events_bytes: int

    def row(self, last_seq: int) -> SessionRow:
        return SessionRow(
            session_id=self.session_id,
            title=self.title,
            participants=self.participants,
            context=self.context,
            metadata=self.metadata,
            status=self.status,
            fingerprint=self.fingerprint,
            last_seq=last_seq,
            time_zone=self.time_zone,
        )

    def listing(self) -> SessionListing:
        return SessionListing(
            session_id=self.session_id,
            title=self.title,
            participants=self.participants,
            status=self.status,
            created_at=self.created_at,
            last_activity_at=self.last_activity_at,
        )

    def mentions(self, words: str) -> bool:
        """As list_sessions.sql searches."""
        told = (self.session_id, self.title, self.context, " ".join(self.participants) or None)
        return words.lower() in " ".join(each for each in told if each is not None).lower()


def session_of(raw: bytes, folder: str, written_at: datetime) -> StoredSession:
    """`written_at`: when the file was, for what it does not tell. Raises DamagedError."""
    found = file_object(raw)
    told = session_told(found, folder)
    created_at = time_in(found, "created", "created_at") or written_at
    active_at = time_in(found, "last_activity", "last_activity_at", "updated_at")
    fingerprint = found.get("fingerprint")
    return StoredSession(
        folder=folder,
        session_id=told.session_id,
        title=told.fields["title"],
        participants=told.fields["participants"],
        context=told.fields["context"],
        metadata=told.fields["metadata"],
        status=told.status,
        time_zone=told.fields["time_zone"],
        fingerprint=_bytes_in_hex(fingerprint),
        created_at=created_at,
        last_activity_at=active_at or created_at,
        completed_at=time_in(found, "completed", "completed_at"),
        last_seq=number_in(found, "last_seq"),
        events_bytes=number_in(found, "events_bytes") or 0,
    )


def time_in(found: Json, *names: str) -> datetime | None:
    """The first of these fields that is an ISO 8601 time; without a zone it is UTC."""
    for name in names:
        try:
            at = datetime.fromisoformat(str(found.get(name)).strip())
        except ValueError:
            continue
        return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return None


def number_in(found: Json, name: str) -> int | None:
    """Not negative."""
    value = found.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def file_of(value: Json) -> bytes:
    """JSON as the files of a folder have it: to be read by people, and compared line by line."""
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    return f"{text}\n".encode("utf-8", "surrogatepass")


def _bytes_in_hex(value: object) -> bytes | None:
    try:
        return bytes.fromhex(value) if isinstance(value, str) else None
    except ValueError:
        return None
