"""Saves a checkpoint, from which the next attempt continues if this one is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.storable import storable
from aiwebhook.errors import FieldError, Invalid, LeaseLost
from aiwebhook.ports.blobs import BlobStore
from aiwebhook.ports.queue_rows import RunCheckpoint

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore

MAX_DATA = 16 * 1024  # bytes of JSON; larger data belongs in the archive


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointDraft:
    """`content_sha256` (hex) names an uploaded archive of `size` bytes."""

    data: Mapping[str, Any]
    content_sha256: str | None = None
    size: int = 0


def save_checkpoint(
    store: PostgresQueueStore, archives: BlobStore, lease: RunLease, draft: CheckpointDraft
) -> None:
    """Replace the task's checkpoint; it is deleted when the task ends. Raises LeaseLost,
    Unavailable; Invalid for data that is too large or an archive that was not uploaded.
    """
    data = storable(draft.data)
    room = len(json.dumps(data))
    if room > MAX_DATA:
        raise _invalid("/data", f"must be at most {MAX_DATA} bytes of JSON, got {room}")
    digest = None if draft.content_sha256 is None else bytes.fromhex(draft.content_sha256)
    if digest is not None:
        size = archives.size(project_id=lease.project_id, sha256=digest)
        if size is None:
            raise _invalid("/content_sha256", "nothing was uploaded under this digest")
        if size != draft.size:
            raise _invalid("/size", f"must be the archive's, {size} bytes, got {draft.size}")
    checkpoint = RunCheckpoint(data=data, content_sha256=digest, size=draft.size)
    if not store.save_checkpoint(lease, checkpoint):
        raise LeaseLost(f"The lease on task {lease.task_id} is lost.")


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(
        f"The checkpoint is not valid: {pointer} {message}.",
        errors=(FieldError(pointer=pointer, message=message),),
    )
