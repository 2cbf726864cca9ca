"""Content that may be large: text up to 256 KB in the row, the rest in the blob store."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta

from aiwebhook.clock import utc_now
from aiwebhook.commands.base import CommandContext
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.answer_size import CONTENT_LIMIT, ROOM, answer_bytes
from aiwebhook.ports.blobs import INLINE_LIMIT, VALID_S, BlobStore
from aiwebhook.ports.command_rows import Content, Json


def place(services: CommandServices, context: CommandContext, text: str) -> Content:
    """Where the text will lie. Large text is in the blob store when this returns: first the bytes,
    then the row that names them; bytes without a row are harmless. Raises Unavailable.
    """
    raw = text.encode("utf-8")
    if len(raw) <= INLINE_LIMIT:
        return Content(text=text, sha256=None, size=len(raw))
    return _in_blob_store(services, context, raw)


def place_bytes(services: CommandServices, context: CommandContext, raw: bytes) -> Content:
    """The same for bytes: what is no text is in the blob store whatever its size."""
    text = text_of(raw)
    if text is not None:
        return place(services, context, text)
    return _in_blob_store(services, context, raw)


def _in_blob_store(services: CommandServices, context: CommandContext, raw: bytes) -> Content:
    services.store.run_ahead()  # who may not write here writes no bytes either
    digest = services.blobs.put(project_id=context.project_id, content=raw)
    return Content(text=None, sha256=digest, size=len(raw))


def text_of(raw: bytes) -> str | None:
    """The text that the bytes are; None when they are none."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def text_at(services: CommandServices, context: CommandContext, digest: bytes) -> str:
    """The text in the blob store; "" where the bytes are none. Raises NotFound, Unavailable."""
    return text_of(services.blobs.get(project_id=context.project_id, sha256=digest)) or ""


def shown_content(
    blobs: BlobStore, project_id: str, stored: Content, *, content_type: str | None = None
) -> Json:
    """Stored content as an answer shows it: text as `content`, other bytes as
    `content_base64`, and what is too large for an answer by `content_url`, which works until
    `content_url_expires_at`. Raises NotFound, Unavailable.
    """
    digest = stored.sha256
    if digest is None:
        return {"content": stored.text}
    if stored.size <= CONTENT_LIMIT:
        raw = blobs.get(project_id=project_id, sha256=digest)
        text = text_of(raw)
        if text is None:
            return {"content": None, "content_base64": base64.b64encode(raw).decode("ascii")}
        if answer_bytes(text) <= ROOM:
            return {"content": text}
    return {"content": None, **_by_address("content", blobs, project_id, digest, content_type)}


def _by_address(
    name: str, blobs: BlobStore, project_id: str, digest: bytes, content_type: str | None
) -> Json:
    url = blobs.presign_get(project_id=project_id, sha256=digest, content_type=content_type)
    expires_at = utc_now() + timedelta(seconds=VALID_S)
    return {f"{name}_url": url, f"{name}_url_expires_at": expires_at}


def output_by_address(blobs: BlobStore, project_id: str, output: Json) -> Json:
    """Where to fetch the output of a task that is too large for an answer. Its bytes
    lie under their digest for this one purpose; the sweep of unnamed content removes
    them. Raises Unavailable.
    """
    raw = json.dumps(output, ensure_ascii=False, separators=(",", ":")).encode()
    digest = blobs.put(project_id=project_id, content=raw)
    address = _by_address("output", blobs, project_id, digest, "application/json")
    return {**address, "output_size": len(raw)}


def same(stored: Content, content: Content) -> bool:
    """Whether both are the same text or bytes."""
    return (stored.text, stored.sha256) == (content.text, content.sha256)


def digest_of(text: str) -> str:
    """SHA-256 of the text's UTF-8, hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
