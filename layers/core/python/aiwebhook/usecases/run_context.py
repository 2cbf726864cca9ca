"""What a run may read of its session."""

from __future__ import annotations

from dataclasses import dataclass
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
    chunks = tuple(_with_text(blobs, lease.project_id, chunk) for chunk in page.chunks)
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
