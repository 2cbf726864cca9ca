"""Pages of lists: the next page begins after the keyset (time, id) of the last row shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from aiwebhook.commands.base import CommandContext
from aiwebhook.domain.answer_size import ROOM, fitting
from aiwebhook.domain.cursors import NotACursor, decode_cursor, encode_cursor
from aiwebhook.domain.view import view
from aiwebhook.errors import FieldError, Invalid
from aiwebhook.ports.command_rows import Json, Page

Row = TypeVar("Row")


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


def fit_page(  # noqa: PLR0913 named arguments of one list
    rows: Sequence[Row],
    limit: int,
    *,
    identity: str,
    place: Callable[[Row], tuple[datetime, str]],
    view: Callable[[Row], Json] = view,
    room: int = ROOM,
) -> tuple[list[Json], str | None]:
    """`rows` as a reply shows them, up to the limit and what fits into one answer; the cursor of
    the next page when there is one. `place` is the keyset of a row.
    """
    items = fitting([view(row) for row in rows[:limit]], room)
    if len(items) == len(rows):
        return items, None
    time, name = place(rows[len(items) - 1])
    return items, encode_cursor(identity, [time.isoformat(), name])
