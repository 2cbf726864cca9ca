"""Pages of lists that no command answers: opaque cursors in the form of the commands'
(commands/paging.py).
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any, cast

from aiwebhook.commands.paging import next_cursor
from aiwebhook.errors import FieldError, Invalid
from aiwebhook.ports.commands import Page
from aiwebhook.ports.observation import EventPosition
from session_api.answer import Json

_MALFORMED = (ValueError, TypeError, OverflowError, binascii.Error, RecursionError)


def page_of(limit: int, cursor: str | None) -> Page:
    """The page that is asked for, one row longer to see whether more follows. Raises Invalid."""
    if cursor is None:
        return Page(limit=limit + 1)
    try:
        time, identity = _decoded(cursor)
        after = (datetime.fromisoformat(time), str(identity))
        if after[0].tzinfo is None or "\0" in after[1]:
            raise ValueError(cursor)
        after[1].encode()
    except _MALFORMED as exc:
        raise _not_ours("cursor") from exc
    return Page(limit=limit + 1, after=after)


def page_body(rows: list[Json], limit: int, *, time: str, identity: str) -> Json:
    """A page from rows that were asked for with one more than `limit`."""
    more = next_cursor(rows, limit, time=time, identity=identity)
    return {"items": rows, "next_cursor": more}


def event_cursor(position: EventPosition) -> str:
    """An opaque cursor for a place in the project's events."""
    text = json.dumps([position.xid, position.event_no], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def event_position(cursor: str) -> EventPosition:
    """The place a cursor stands for. Raises Invalid."""
    try:
        xid, event_no = _decoded(cursor)
        position = EventPosition(xid=str(int(xid)), event_no=int(event_no))
        if not (0 <= int(position.xid) < 2**64 and 0 <= position.event_no < 2**63):
            raise ValueError(cursor)
    except _MALFORMED as exc:
        raise _not_ours("after") from exc
    return position


def event_body(row: Json) -> Json:
    """An event as WIRE §3 tells it."""
    return {
        "id": row["event_id"],
        "type": row["type"],
        "time": row["created_at"],
        "project_id": row["project_id"],
        "session_id": row["session_id"],
        "seq": row["seq"],
        "task_id": row["task_id"],
        "data": row["data"],
    }


def _decoded(cursor: str) -> tuple[Any, Any]:
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    first, second = cast("list[Any]", json.loads(raw))
    return first, second


def _not_ours(name: str) -> Invalid:
    error = FieldError(pointer=f"/{name}", message="is not a cursor of ours")
    return Invalid(f"{name} is not a cursor that a list has answered.", errors=(error,))
