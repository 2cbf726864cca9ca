"""Pages of lists that no command answers: opaque cursors in the form of the
commands' (commands/paging.py).
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, cast

from aiwebhook.commands.cursors import NotACursor, decode_cursor, encode_cursor
from aiwebhook.commands.paging import next_cursor, not_a_cursor, page_after
from aiwebhook.ports.commands import Page
from aiwebhook.ports.observation import EventPosition
from session_api.answer import Json

_EVENTS = "events"
_MALFORMED = (ValueError, TypeError, OverflowError, binascii.Error, RecursionError)


def page_of(limit: int, cursor: str | None, *, identity: str) -> Page:
    """The page that is asked for, one row longer to see whether more follows. Raises Invalid."""
    return page_after(limit, cursor, identity=identity, pointer="/cursor")


def page_body(rows: list[Json], limit: int, *, time: str, identity: str) -> Json:
    """A page from rows that were asked for with one more than `limit`."""
    more = next_cursor(rows, limit, time=time, identity=identity)
    return {"items": rows, "next_cursor": more}


def event_cursor(position: EventPosition) -> str:
    """An opaque cursor for a place in the project's events."""
    return encode_cursor(_EVENTS, [position.xid, position.event_no])


def event_position(cursor: str) -> EventPosition:
    """The place a cursor stands for. Raises Invalid."""
    try:
        xid, event_no = decode_cursor(_EVENTS, cursor)
    except NotACursor:
        xid, event_no = _of_an_older_release(cursor)
    return EventPosition(xid=xid, event_no=event_no)


def _of_an_older_release(cursor: str) -> tuple[str, int]:
    """Without a digest. Readers of events keep their cursor for as long as they like, and must go
    on where they stopped. Raises Invalid.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        xid, event_no = cast("list[Any]", json.loads(raw))
        if not (0 <= int(xid) < 2**64 and 0 <= int(event_no) < 2**63):
            raise ValueError(cursor)
        return str(int(xid)), int(event_no)
    except _MALFORMED as exc:
        raise not_a_cursor("/after") from exc


def event_body(row: Json) -> Json:
    """An event as docs/wire.md tells it."""
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
