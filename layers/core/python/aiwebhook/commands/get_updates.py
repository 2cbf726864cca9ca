"""Everything that was not acknowledged, also what replies no longer tell; oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import CommandData, Limit
from aiwebhook.commands.news import elsewhere_of, update_of
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.speech import count
from aiwebhook.commands.states import session_missing
from aiwebhook.domain.counted import counted
from aiwebhook.domain.page import PAGE
from aiwebhook.ports.command_rows import Json, NewsPage

Place = Annotated[
    str, Field(pattern=r"^[0-9]{1,18}$", description="`next_cursor` of the page before")
]


class Data(CommandData):
    """A page of it. Without a session_id: of all sessions."""

    limit: Limit = PAGE
    cursor: Place | None = None


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Reads only. Raises NotFound."""
    after = int(command.cursor or 0)
    if not context.session_id:
        page = services.store.project_news(
            project_id=context.project_id,
            reader=context.reader,
            after_no=after,
            limit=command.limit + 1,
        )
        rows, more = _cut(page, command.limit, place="event_no")
        updates = [elsewhere_of(row) for row in rows]
        return Outcome(data=_data(updates, page, more), tells_news=True)
    page = services.store.session_news(
        project_id=context.project_id,
        session_id=context.session_id,
        reader=context.reader,
        after_seq=after,
        limit=command.limit + 1,
    )
    if page.last_seq is None:
        raise session_missing(context.session_id)
    rows, more = _cut(page, command.limit, place="seq")
    return Outcome(
        data=_data([update_of(row) for row in rows], page, more),
        session_id=context.session_id,
        # Acknowledging it must not pass over the pages to come.
        cursor=page.last_seq if more is None else rows[-1]["seq"],
        tells_news=True,
    )


def _cut(page: NewsPage, limit: int, *, place: str) -> tuple[list[Json], str | None]:
    rows = list(page.news[:limit])
    return rows, str(rows[-1][place]) if len(page.news) > limit else None


def _data(updates: list[Json], page: NewsPage, more: str | None) -> Json:
    return {
        "updates": updates,
        "count": len(updates),
        "total": page.total,
        "next_cursor": more,
    }


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """The first two in their own words."""
    total = data["total"]
    message = f"{counted(total, 'update')} not acknowledged"
    if not data["updates"]:
        return Phrase(message=message, say="There is nothing new.")
    first: str = data["updates"][0]["say"]
    rest = f" There {'is' if total == 2 else 'are'} {count(total - 1, 'more', 'more')}."
    return Phrase(message=message, say=first if total == 1 else _sentence(first) + rest)


def _sentence(say: str) -> str:
    """The first sentence of it, so that two are left in all."""
    head, stop, _ = say.partition(". ")
    return head + stop.strip() if stop else say
