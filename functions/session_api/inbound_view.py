"""An inbound delivery as responses show it: its bytes as base64, or where to fetch them."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from aiwebhook.domain.answer_size import CONTENT_LIMIT
from aiwebhook.domain.view import view
from aiwebhook.errors import NotFound
from aiwebhook.ports.inbound import InboundBytes
from session_api.answer import Json

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

BYTES = "application/octet-stream"
_MEDIA = re.compile(r"[\w.+/-]{1,100}(?:; ?[\w.+=/-]{1,100}){0,3}", re.ASCII)
_OF_THE_ROW = frozenset({"body", "body_sha256"})


def has_bytes(found: InboundBytes) -> bool:
    """Whether its bytes are still stored."""
    return not found.body_pruned and found.status != "too_large"


def media_of_inbound(found: InboundBytes) -> str:
    """Its own media type, if that is valid."""
    given = found.content_type or ""
    return given if _MEDIA.fullmatch(given) else BYTES


def inbound_view(api: SessionApi, project_id: str, found: InboundBytes) -> Json:
    """With `body_base64`; above 3 MB with `body_url` instead; with neither if the
    bytes are gone.
    """
    shown = view(found, without=_OF_THE_ROW) | {
        "body_sha256": found.body_sha256.hex(),
        "body_base64": None,
        "body_url": None,
    }
    if not has_bytes(found):
        return shown
    if (found.size or 0) > CONTENT_LIMIT:
        url = api.blobs.presign_get(
            project_id=project_id, sha256=found.body_sha256, content_type=media_of_inbound(found)
        )
        return shown | {"body_url": url}
    raw = inbound_bytes(api, project_id, found)
    return shown | {"body_base64": base64.b64encode(raw).decode("ascii")}


def inbound_bytes(api: SessionApi, project_id: str, found: InboundBytes) -> bytes:
    """The bytes as received. Raises NotFound, Unavailable."""
    if found.body is not None:
        return found.body
    if not has_bytes(found):
        raise body_gone(found.delivery_id)
    return api.blobs.get(project_id=project_id, sha256=found.body_sha256)


def body_gone(delivery_id: str) -> NotFound:
    """The error for a delivery whose bytes were deleted, or never stored."""
    return NotFound(f"The bytes of delivery '{delivery_id}' are not kept.", code="body_gone")
