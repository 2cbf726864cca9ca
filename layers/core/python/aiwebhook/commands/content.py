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
    digest = services.blobs.put(project_id=context.project_id, content=raw)
    return Content(text=None, sha256=digest, size=len(raw))


def text_of(raw: bytes) -> str | None:
    """The text that the bytes are; None when they are none."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def shown(blobs: BlobStore, project_id: str, row: Json) -> Json:
    """The content of a row as an answer shows it: text as `content`, other bytes as
    `content_base64`, and what is too large for an answer by `content_url`, which works until
    `content_url_expires_at`. Raises NotFound, Unavailable.
    """
    if row["content"] is not None:
        return {"content": row["content"]}
    digest = bytes(row["content_sha256"])
    if row["size"] <= CONTENT_LIMIT:
        raw = blobs.get(project_id=project_id, sha256=digest)
        text = text_of(raw)
        if text is None:
            return {"content": None, "content_base64": base64.b64encode(raw).decode("ascii")}
        if answer_bytes(text) <= ROOM:
            return {"content": text}
    return {"content": None, **_by_address("content", blobs, project_id, digest, row)}


def _by_address(name: str, blobs: BlobStore, project_id: str, digest: bytes, row: Json) -> Json:
    url = blobs.presign_get(
        project_id=project_id, sha256=digest, content_type=row.get("content_type")
    )
    expires_at = utc_now() + timedelta(seconds=VALID_S)
    return {f"{name}_url": url, f"{name}_url_expires_at": expires_at}


def output_by_address(blobs: BlobStore, project_id: str, output: Json) -> Json:
    """Where to fetch the output of a task that is too large for an answer. Its bytes
    lie under their digest for this one purpose; the sweep of unnamed content removes
    them. Raises Unavailable.
    """
    raw = json.dumps(output, ensure_ascii=False, separators=(",", ":")).encode()
    digest = blobs.put(project_id=project_id, content=raw)
    row = {"content_type": "application/json"}
    return {**_by_address("output", blobs, project_id, digest, row), "output_size": len(raw)}


def same(row: Json, content: Content) -> bool:
    """Whether a stored row holds exactly this text."""
    if content.sha256 is not None:
        stored = row["content_sha256"]
        return stored is not None and bytes(stored) == content.sha256
    return row["content"] == content.text


def digest_of(text: str) -> str:
    """SHA-256 of the text's UTF-8, hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
