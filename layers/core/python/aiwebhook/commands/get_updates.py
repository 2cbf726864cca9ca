"""Everything that was not acknowledged, also what replies no longer tell; oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import CommandData, Limit
from aiwebhook.commands.news import elsewhere_of, update_of
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import session_missing
from aiwebhook.domain.answer_size import fitting
from aiwebhook.domain.counted import counted
from aiwebhook.domain.page import DEFAULT_PAGE
from aiwebhook.domain.say_phrases import count_in_words, title
from aiwebhook.ports.command_rows import Json
from aiwebhook.ports.news_rows import ProjectNews, SessionNews

Place = Annotated[
    str, Field(pattern=r"^[0-9]{1,18}$", description="`next_cursor` of the page before")
]


class Data(CommandData):
    """A page of it. Without a session_id: of all sessions."""

    limit: Limit = DEFAULT_PAGE
    cursor: Place | None = None


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Reads only. Raises NotFound."""
    after = int(command.cursor or 0)
    if context.session_id:
        return _of_session(services, context, after=after, limit=command.limit)
    news = services.store.project_news(
        project_id=context.project_id,
        reader=context.reader,
        after_no=after,
        limit=command.limit + 1,
    )
    updates = fitting(
        [elsewhere_of(update) for update in news.updates[: command.limit]], context.room
    )
    last = news.updates[len(updates) - 1] if len(updates) < len(news.updates) else None
    more = None if last is None else str(last.event_no)
    return Outcome(data=_data(updates, news, more), includes_news=True)


def _of_session(
    services: CommandServices, context: CommandContext, *, after: int, limit: int
) -> Outcome:
    news = services.store.session_news(
        project_id=context.project_id,
        session_id=context.session_id,
        reader=context.reader,
        after_seq=after,
        limit=limit + 1,
    )
    if news is None:
        raise session_missing(context.session_id)
    updates = fitting([update_of(update) for update in news.updates[:limit]], context.room)
    last = news.updates[len(updates) - 1] if len(updates) < len(news.updates) else None
    return Outcome(
        data=_data(updates, news, None if last is None else str(last.seq)),
        session_id=context.session_id,
        # Acknowledging it must not pass over the pages to come.
        cursor=news.last_seq if last is None else last.seq,
        includes_news=True,
    )


def _data(updates: list[Json], news: SessionNews | ProjectNews, next_cursor: str | None) -> Json:
    data: Json = {
        "updates": updates,
        "count": len(updates),
        "total": news.total,
        "next_cursor": next_cursor,
    }
    return data | {"pruned": news.pruned} if news.pruned else data


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """The first in its own words, with its session when the request named none; of the rest how
    many there are.
    """
    total = data["total"]
    message = f"{counted(total, 'update')} not acknowledged"
    if data.get("pruned"):
        message += f", and {counted(data['pruned'], 'update')} pruned before anybody acknowledged"
    if not data["updates"]:
        return Phrase(message=message, say="There is nothing new.")
    update = data["updates"][0]
    first: str = update["say"] if total == 1 else _sentence(update["say"])
    if update.get("session_title"):
        first = f"In the session {title(update['session_title'])}: {first}"
    rest = f" There {'is' if total == 2 else 'are'} {count_in_words(total - 1, 'more', 'more')}."
    return Phrase(message=message, say=first if total == 1 else first + rest)


def _sentence(say: str) -> str:
    """The first sentence of it, so that two are left in all."""
    head, stop, _ = say.partition(". ")
    return head + stop.strip() if stop else say
