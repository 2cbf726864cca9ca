"""Text that may be large: up to 256 KB in the row, else in the blob store under its SHA-256."""

from __future__ import annotations

import hashlib

from aiwebhook.commands.base import CommandContext
from aiwebhook.commands.services import CommandServices
from aiwebhook.ports.blobs import INLINE_LIMIT
from aiwebhook.ports.command_rows import (
    Content,
    Json,
)


def place(services: CommandServices, context: CommandContext, text: str) -> Content:
    """Where the text will lie. Large text is in the blob store when this returns: first the bytes,
    then the row that names them; bytes without a row are harmless. Raises Unavailable.
    """
    raw = text.encode("utf-8")
    if len(raw) <= INLINE_LIMIT:
        return Content(text=text, sha256=None, size=len(raw))
    digest = services.blobs.put(project_id=context.project_id, content=raw)
    return Content(text=None, sha256=digest, size=len(raw))


def read(services: CommandServices, context: CommandContext, row: Json) -> str:
    """The text of a row with `content` or `content_sha256`. Raises NotFound, Unavailable."""
    if row["content"] is not None:
        return row["content"]
    digest = bytes(row["content_sha256"])
    return services.blobs.get(project_id=context.project_id, sha256=digest).decode("utf-8")


def same(row: Json, content: Content) -> bool:
    """Whether a stored row holds exactly this text."""
    if content.sha256 is not None:
        stored = row["content_sha256"]
        return stored is not None and bytes(stored) == content.sha256
    return row["content"] == content.text


def digest_of(text: str) -> str:
    """SHA-256 of the text's UTF-8, hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
