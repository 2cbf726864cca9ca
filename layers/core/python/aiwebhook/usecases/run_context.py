"""What a run may read of its session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.view import view
from aiwebhook.errors import LeaseLost
from aiwebhook.ports.blobs import BlobStore
from aiwebhook.ports.queue_rows import RunChunk

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore

_STORED = frozenset({"content_sha256", "start_offset_s"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """One page; `next` goes into `after` of the next call, None on the last page."""

    session: dict[str, Any]
    chunks: tuple[dict[str, Any], ...]
    memories: tuple[dict[str, Any], ...]
    next: str | None


def run_context(
    store: PostgresQueueStore,
    blobs: BlobStore,
    lease: RunLease,
    *,
    after: int = 0,
    limit: int = 100,
) -> RunContext:
    """Session, chunks with their text, and on the first page the memories. Raises LeaseLost."""
    page = store.run_context(lease, after=after, limit=limit)
    if page is None:
        raise LeaseLost(f"The lease on task {lease.task_id} is lost.")
    chunks = tuple(
        view(chunk, without=_STORED)
        | {
            "content": _text(blobs, lease.project_id, chunk),
            "start_time": _local_time(chunk, page.session.time_zone),
        }
        for chunk in page.chunks
    )
    more = len(chunks) == limit
    return RunContext(
        session=view(page.session),
        chunks=chunks,
        memories=tuple(map(view, page.memories)),
        next=str(page.chunks[-1].seq) if more else None,
    )


def _text(blobs: BlobStore, project_id: str, chunk: RunChunk) -> str | None:
    if chunk.content_sha256 is None:
        return chunk.content
    return blobs.get(project_id=project_id, sha256=chunk.content_sha256).decode("utf-8", "replace")


def _local_time(chunk: RunChunk, zone: str | None) -> datetime | str | None:
    """In the UTC offset in which it was said, else in the session's time zone: agents derive
    "today" from it.
    """
    moment, offset = chunk.start_time, chunk.start_offset_s
    if moment is None or (offset is None and zone is None):
        return moment
    local = timezone(timedelta(seconds=offset)) if offset is not None else _zone(zone or "UTC")
    return moment.astimezone(local).isoformat()


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 — most sessions have none

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # stored by a machine with a newer time zone database
        return UTC
