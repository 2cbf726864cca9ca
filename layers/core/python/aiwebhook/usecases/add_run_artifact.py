"""Stores an artifact that a run submits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.counted import counted
from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.plain_text import plain_line
from aiwebhook.domain.storable import storable, storable_text
from aiwebhook.errors import FieldError, Invalid, LeaseLost
from aiwebhook.ports.blobs import INLINE_LIMIT, BlobStore
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.queue_rows import RunArtifact

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactDraft:
    """Either `content`, or `content_sha256` (hex) of bytes uploaded before."""

    name: str
    type: str
    format: str | None = None
    content: str | None = None
    content_sha256: str | None = None
    content_type: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedArtifact:
    """The artifact's id, and the outbox rows to push after the commit."""

    artifact_id: str
    outbox: Sequence[OutboxRow]


def artifact_id_of(lease: RunLease, name: str) -> str:
    """The same task and name give the same id, so that submitting again replaces the artifact."""
    digest = hashlib.sha256(
        f"{lease.project_id}\x00{lease.task_id}\x00{name}".encode("utf-8", "replace")
    )
    return f"art_{digest.hexdigest()[:32]}"


def add_run_artifact(
    store: PostgresQueueStore, blobs: BlobStore, lease: RunLease, draft: ArtifactDraft
) -> AddedArtifact:
    """Store the artifact. Raises LeaseLost for a stale lease epoch, Invalid unless there is exactly
    one content, Unavailable.
    """
    content, digest, size = _place(blobs, lease.project_id, draft)
    name = plain_line(draft.name)
    artifact = RunArtifact(
        artifact_id=artifact_id_of(lease, name),
        name=name or "unnamed",
        type=plain_line(draft.type) or "unknown",
        format=plain_line(draft.format or "") or None,
        content=content,
        content_sha256=digest,
        size=size,
        metadata=storable(draft.metadata),
        content_type=draft.content_type,
    )
    changes = store.add_run_artifact(lease, artifact)
    if changes is None:
        raise LeaseLost(f"The lease on task {lease.task_id} is lost.")
    return AddedArtifact(artifact_id=artifact.artifact_id, outbox=changes.outbox)


def _place(
    blobs: BlobStore, project_id: str, draft: ArtifactDraft
) -> tuple[str | None, bytes | None, int]:
    if (draft.content is None) == (draft.content_sha256 is None):
        raise _invalid("/content", "give either content or content_sha256")
    if draft.content is not None:
        text = storable_text(draft.content)
        raw = text.encode()
        if len(raw) <= INLINE_LIMIT:
            return text, None, len(raw)
        return None, blobs.put(project_id=project_id, content=raw), len(raw)
    digest = _digest(draft.content_sha256 or "")
    size = blobs.size(project_id=project_id, sha256=digest)
    if size is None:
        raise _invalid("/content_sha256", "nothing was uploaded under this digest")
    return None, digest, size


def _digest(text: str) -> bytes:
    try:
        digest = bytes.fromhex(text)
    except ValueError as exc:
        raise _invalid("/content_sha256", "must be 64 hexadecimal digits") from exc
    if len(digest) != hashlib.sha256().digest_size:
        raise _invalid(
            "/content_sha256",
            f"must be 64 hexadecimal digits, got {counted(len(text), 'character')}",
        )
    return digest


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(
        f"The artifact is not valid: {message}.",
        errors=(FieldError(pointer=pointer, message=message),),
    )
