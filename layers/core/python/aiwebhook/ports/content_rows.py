"""Rows of session content: what stores of sessions, conversation, memories and artifacts find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiwebhook.ports.command_rows import Content, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session. `fingerprint` is that of its create command; older sessions have none."""

    session_id: str
    title: str | None
    participants: Sequence[str]
    context: str | None
    metadata: Json
    status: str
    fingerprint: bytes | None
    last_seq: int
    time_zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionListing:
    session_id: str
    title: str | None
    participants: Sequence[str]
    status: str
    created_at: datetime
    last_activity_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFigures:
    """Counts of a session's content; `usage` is the sum of each figure, None before the first."""

    session_id: str
    title: str | None
    participants: Sequence[str]
    context: str | None
    time_zone: str | None
    status: str
    created: datetime
    last_activity: datetime
    duration_minutes: float
    stats: Json
    usage: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChunk:
    """A piece of conversation."""

    chunk_id: str
    seq: int
    content: str | None
    content_sha256: bytes | None
    size: int
    format: str

    @property
    def stored(self) -> Content:
        """Its text, or where it is stored."""
        return Content(text=self.content, sha256=self.content_sha256, size=self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRow:
    """A memory in one version."""

    key: str
    type: str
    content: str | Json
    tags: Sequence[str]
    version: int
    source: Json | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactListing:
    artifact_id: str
    session_id: str
    task_id: str | None
    name: str
    type: str
    format: str | None
    size: int
    content_type: str | None
    metadata: Json
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRow(ArtifactListing):
    """A result or document with its content."""

    content: str | None
    content_sha256: bytes | None

    @property
    def stored(self) -> Content:
        """Its text, or where its bytes are stored."""
        return Content(text=self.content, sha256=self.content_sha256, size=self.size)
