"""Rows of the commands that list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiwebhook.ports.command_rows import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRow:
    """A piece of conversation: its text, or its SHA-256 in the blob store."""

    chunk_id: str
    seq: int
    content: str | None
    content_sha256: bytes | None
    size: int
    format: str
    start_time: datetime | None
    end_time: datetime | None
    participants: Sequence[str]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    """An agent: its manifest, its live status, and its load (counted up to 1,000)."""

    agent_name: str
    aliases: Sequence[str]
    title: str | None
    kind: str | None
    description: str | None
    capabilities: Sequence[str]
    status: str
    status_reason: str | None
    max_concurrent: int
    running: int
    queued: int
    timeout_s: int | None
    max_attempts: int | None
    max_cost_usd: float | None
    input_schema: Json | None
    output_schema: Json | None
