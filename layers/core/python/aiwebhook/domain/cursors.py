"""Cursors: opaque to callers, and only those that the API returned are taken.

A cursor is the place of a row, as JSON, with a digest of list and place. The digest is no secret
and guards nothing: a place only says where reading goes on, within the caller's own project. It
tells a cursor of another list, or one that was cut or edited, from one that was returned.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, cast

EVENTS = "events"
"""The project's log, which is read by REST and by MCP."""
_DIGEST = 6  # bytes


class NotACursor(ValueError):
    """The text is not a cursor that this list returned."""


def encode_cursor(kind: str, place: list[Any]) -> str:
    """The cursor of a place in a list of this kind."""
    text = json.dumps(place, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_digest(kind, text) + text).decode().rstrip("=")


def decode_cursor(kind: str, cursor: str) -> list[Any]:
    """The place. Raises NotACursor."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError as exc:
        raise NotACursor(cursor) from exc
    digest, text = raw[:_DIGEST], raw[_DIGEST:]
    if digest != _digest(kind, text):
        raise NotACursor(cursor)
    return cast("list[Any]", json.loads(text))


def event_cursor(xid: str, event_no: int) -> str:
    """The cursor of a place in the project's log."""
    return encode_cursor(EVENTS, [xid, event_no])


def _digest(kind: str, text: bytes) -> bytes:
    return hashlib.sha256(kind.encode() + b"\0" + text).digest()[:_DIGEST]
