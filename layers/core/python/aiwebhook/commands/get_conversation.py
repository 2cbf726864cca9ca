"""What was said in a session, in pages that a language model can take in.

A page ends before the piece that would make it too long. A piece that is longer than a page alone
comes in parts, from its beginning, whichever way the pages go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.content import text_at
from aiwebhook.commands.fields import WHOLE, CommandData, Cursor, Limit
from aiwebhook.commands.paging import not_a_cursor
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import require_session
from aiwebhook.domain.cursors import NotACursor, decode_cursor, encode_cursor
from aiwebhook.domain.page import DEFAULT_PAGE
from aiwebhook.domain.say_phrases import count_in_words
from aiwebhook.ports.command_rows import Json
from aiwebhook.ports.listed_rows import ChunkRow

_CURSOR = "said"
_NEWEST, _OLDEST = "newest", "oldest"
_LAST = 2**63 - 1
PAGE_CHARS = 20_000
MAX_PAGE_CHARS = 200_000


class Data(CommandData):
    """One page. `order`: which piece comes first."""

    order: Literal["newest", "oldest"] = "newest"
    limit: Limit = DEFAULT_PAGE
    max_chars: Annotated[
        int, Field(ge=500, le=MAX_PAGE_CHARS, description="Characters of text on one page"), WHOLE
    ] = PAGE_CHARS
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a page begins: a piece, and how much of it was read already."""

    order: str
    seq: int
    read: int = 0


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound, Invalid for a cursor of another list, Unavailable."""
    place = _place(context, command)
    rows = services.store.page_conversation(
        project_id=context.project_id,
        session_id=context.session_id,
        from_seq=place.seq,
        newest_first=place.order == _NEWEST,
        limit=command.limit + 1,
    )
    if not rows:
        require_session(services, context)
    chunks: list[Json] = []
    following: _Place | None = None
    room = command.max_chars
    for row in rows:
        if len(chunks) == command.limit:
            following = _Place(order=place.order, seq=row.seq)
            break
        text = _text(services, context, row)
        read = place.read if row.seq == place.seq else 0
        part = text[read : read + command.max_chars]
        if chunks and len(part) > room:
            following = _Place(order=place.order, seq=row.seq)
            break
        chunks.append(_shown(row, text, read, part))
        room -= len(part)
        if read + len(part) < len(text):
            following = _Place(order=place.order, seq=row.seq, read=read + len(part))
            break
    data: Json = {
        "chunks": chunks,
        "count": len(chunks),
        "order": place.order,
        "next_cursor": following and _cursor(following),
    }
    return Outcome(data=data, session_id=context.session_id)


def _place(context: CommandContext, command: Data) -> _Place:
    if command.cursor is None:
        start = _LAST if command.order == _NEWEST else 0
        return _Place(order=command.order, seq=start)
    try:
        order, seq, read = decode_cursor(_CURSOR, command.cursor)
    except NotACursor as exc:
        raise not_a_cursor(f"{context.pointer}/cursor") from exc
    return _Place(order=order, seq=seq, read=read)


def _cursor(place: _Place) -> str:
    return encode_cursor(_CURSOR, [place.order, place.seq, place.read])


def _text(services: CommandServices, context: CommandContext, row: ChunkRow) -> str:
    if row.content is not None or row.content_sha256 is None:
        return row.content or ""
    return text_at(services, context, row.content_sha256)


def _shown(row: ChunkRow, text: str, read: int, part: str) -> Json:
    shown: Json = {
        "chunk_id": row.chunk_id,
        "seq": row.seq,
        "content": part,
        "format": row.format,
        "participants": list(row.participants),
        "start_time": row.start_time,
        "end_time": row.end_time,
        "created_at": row.created_at,
    }
    if len(part) < len(text):
        shown["part"] = {"from": read, "to": read + len(part), "of": len(text)}
    return shown


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """How much there is to read."""
    number = data["count"]
    pieces = count_in_words(number, "piece of conversation", "pieces of conversation")
    if not number:
        return Phrase(message="No conversation", say="Nothing has been said yet.")
    which = "the newest" if data["order"] == _NEWEST else "the oldest"
    say = f"Here is {pieces}." if number == 1 else f"Here are {pieces}, {which} first."
    return Phrase(
        message=f"{pieces.capitalize()} of session '{{session_id}}'",
        say=f"{say} There is more." if data["next_cursor"] else say,
    )
