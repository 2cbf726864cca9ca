"""Pages of lists that are not commands: opaque cursors in the form of the
commands' (commands/paging.py).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from aiwebhook.commands.paging import fit_page, not_a_cursor, page_after
from aiwebhook.domain import cursors
from aiwebhook.domain.cursors import EVENTS, NotACursor, decode_cursor
from aiwebhook.domain.view import view
from aiwebhook.ports.commands import Page
from aiwebhook.ports.observation import EventPosition, EventRow
from aiwebhook.usecases.granted_waits import Polled
from session_api.answer import Json

Row = TypeVar("Row")
_MALFORMED = (ValueError, TypeError, OverflowError, binascii.Error, RecursionError)


def list_page(limit: int, cursor: str | None, *, identity: str) -> Page:
    """The page that is asked for, one row longer to see whether more follows. Raises Invalid."""
    return page_after(limit, cursor, identity=identity, pointer="/cursor")


def page_body(
    rows: Sequence[Row],
    limit: int,
    *,
    identity: str,
    place: Callable[[Row], tuple[datetime, str]],
    view: Callable[[Row], Json] = view,
) -> Json:
    """A page from rows that were asked for with one more than `limit`."""
    items, more = fit_page(rows, limit, identity=identity, place=place, view=view)
    return {"items": items, "next_cursor": more}


def paced(polled: Polled[Any]) -> Json:
    """When to ask again, if the request was not held."""
    return {} if polled.next_poll_ms is None else {"next_poll_ms": polled.next_poll_ms}


def cursor_at(position: EventPosition) -> str:
    """An opaque cursor for a place in the project's events."""
    return cursors.event_cursor(position.xid, position.event_no)


def event_position(cursor: str, *, pointer: str = "/after") -> EventPosition:
    """The place a cursor stands for; `pointer` is where it was sent. Raises Invalid."""
    try:
        xid, event_no = decode_cursor(EVENTS, cursor)
    except NotACursor:
        xid, event_no = _of_an_older_release(cursor, pointer)
    return EventPosition(xid=xid, event_no=event_no)


def _of_an_older_release(cursor: str, pointer: str) -> tuple[str, int]:
    """A cursor without a digest, from an older release: readers may keep a cursor for any time and
    must be able to continue. Raises Invalid.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        xid, event_no = cast("list[Any]", json.loads(raw))
        if not (0 <= int(xid) < 2**64 and 0 <= int(event_no) < 2**63):
            raise ValueError(cursor)
        return str(int(xid)), int(event_no)
    except _MALFORMED as exc:
        raise not_a_cursor(pointer) from exc


def event_body(event: EventRow) -> Json:
    """An event in the form of docs/wire.md."""
    return {
        "id": event.event_id,
        "type": event.type,
        "time": event.created_at,
        "project_id": event.project_id,
        "session_id": event.session_id,
        "seq": event.seq,
        "task_id": event.task_id,
        "data": event.data,
    }
