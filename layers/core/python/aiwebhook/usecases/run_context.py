"""What a run may read of its session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from aiwebhook.domain.lease import RunLease
from aiwebhook.errors import LeaseLost
from aiwebhook.ports.blobs import BlobStore
from aiwebhook.ports.queue import RunStore


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """One page; `next` goes into `after` of the next call, None on the last page."""

    session: dict[str, Any]
    chunks: tuple[dict[str, Any], ...]
    memories: tuple[dict[str, Any], ...]
    next: str | None


def run_context(
    store: RunStore, blobs: BlobStore, lease: RunLease, *, after: int = 0, limit: int = 100
) -> RunContext:
    """Session, chunks with their text, and on the first page the memories. Raises LeaseLost."""
    page = store.run_context(lease, after=after, limit=limit)
    if page is None:
        raise LeaseLost(f"The lease on task {lease.task_id} is lost.")
    zone: str | None = page.session.get("time_zone")
    chunks = tuple(
        _in_local_time(_with_text(blobs, lease.project_id, chunk), zone) for chunk in page.chunks
    )
    more = len(chunks) == limit
    return RunContext(
        session=page.session,
        chunks=chunks,
        memories=tuple(page.memories),
        next=str(chunks[-1]["seq"]) if more else None,
    )


def _with_text(blobs: BlobStore, project_id: str, chunk: dict[str, Any]) -> dict[str, Any]:
    digest = chunk.get("content_sha256")
    rest = {name: value for name, value in chunk.items() if name != "content_sha256"}
    if digest is None:
        return rest
    text = blobs.get(project_id=project_id, sha256=bytes(digest)).decode("utf-8", "replace")
    return {**rest, "content": text}


def _in_local_time(chunk: dict[str, Any], zone: str | None) -> dict[str, Any]:
    """The chunk with its time in the offset it was said in, else in the session's zone: agents
    reckon "today" from its date.
    """
    moment: datetime | None = chunk.get("start_time")
    offset: int | None = chunk.get("start_offset_s")
    rest = {name: value for name, value in chunk.items() if name != "start_offset_s"}
    if moment is None or (offset is None and zone is None):
        return rest
    local = timezone(timedelta(seconds=offset)) if offset is not None else _zone(zone or "UTC")
    return {**rest, "start_time": moment.astimezone(local).isoformat()}


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 — most sessions have none

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # taken by a machine that knew more zones
        return UTC
