"""Pages of lists: the keyset (time, id) of the last row told is the place of the next page."""

from __future__ import annotations

from datetime import datetime

from aiwebhook.commands.base import CommandContext
from aiwebhook.commands.cursors import NotACursor, decode_cursor, encode_cursor
from aiwebhook.domain.answer_size import fitting
from aiwebhook.errors import FieldError, Invalid
from aiwebhook.ports.command_rows import Json, Page


def page_of(context: CommandContext, limit: int, cursor: str | None, *, identity: str) -> Page:
    """The page asked for, one row longer to see whether more follows. Raises Invalid."""
    return page_after(limit, cursor, identity=identity, pointer=f"{context.pointer}/cursor")


def page_after(limit: int, cursor: str | None, *, identity: str, pointer: str) -> Page:
    """The same for lists that no command answers."""
    if cursor is None:
        return Page(limit=limit + 1)
    try:
        time, name = decode_cursor(identity, cursor)
    except NotACursor as exc:
        raise not_a_cursor(pointer) from exc
    return Page(limit=limit + 1, after=(datetime.fromisoformat(time), name))


def not_a_cursor(pointer: str) -> Invalid:
    """Refuses a cursor, and says where a right one comes from."""
    name = pointer.rsplit("/", 1)[-1]
    error = FieldError(pointer=pointer, message="is not a cursor this API returned")
    return Invalid(
        f"{name} is not a cursor that this list returned.",
        remedy=f"Leave {name} out to begin at the start, then send `next_cursor` of each page.",
        errors=(error,),
    )


def next_cursor(rows: list[Json], limit: int, *, time: str, identity: str) -> str | None:
    """Cut `rows` to the limit, and to what fits into one answer; the cursor of the next page when
    there is one.
    """
    found = len(rows)
    del rows[limit:]
    del rows[len(fitting(rows)) :]
    if len(rows) == found:
        return None
    last = rows[-1]
    return encode_cursor(identity, [last[time].isoformat(), last[identity]])
