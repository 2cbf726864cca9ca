"""A reply as a tool result: a short text for the model to speak, and all of it
as structured content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiwebhook.commands.base import Reply
from aiwebhook.domain.answer_size import compact, json_chars
from aiwebhook.domain.plain_text import plain_text
from aiwebhook.errors import AiWebhookError
from session_api.mcp.ack import ack_sentence
from session_api.mcp.bounded import DATA_ROOM, NEWS_ROOM, shortened_object
from session_api.mcp.documents import OF_TASK
from session_api.mcp.profiles import TextForm
from session_api.mcp.resources import memory_uri

Json = dict[str, Any]
_SAID = frozenset({"say", "next"})
_TEXT_CHARS = 2_000
"""Of data in the text, for clients that show their model no structured content."""
_FACT_CHARS = 200
"""Of one fact, where all of them are too long."""


def data_room(form: TextForm) -> int:
    """Characters that `data` may have; half in a full text, which repeats it."""
    return DATA_ROOM // 2 if form is TextForm.FULL else DATA_ROOM


def result_of(reply: Reply, form: TextForm) -> Json:
    """The result of a tool that succeeded."""
    data = dict(reply.data)
    updates, elsewhere = list(reply.updates), list(reply.elsewhere)
    if reply.command == "get_updates":
        found = data.pop("updates")
        updates, elsewhere = (found, elsewhere) if reply.session_id else (updates, found)
    data, cut = shortened_object(data, data_room(form))
    news_room = NEWS_ROOM // 2 if form is TextForm.FULL else NEWS_ROOM
    structured: Json = {
        "say": reply.say,
        "session_id": reply.session_id,
        "data": data,
        "updates": _within(updates, reply, news_room),
        "updates_more": reply.updates_more,
        "elsewhere": _within(elsewhere, reply, news_room),
        "elsewhere_more": reply.elsewhere_more,
        "cursor": reply.cursor,
        "next": _next(reply, data, cut),
    }
    if reply.notes:
        structured["notes"] = list(reply.notes)
    return {
        "content": [{"type": "text", "text": _text_of(structured, form)}],
        "structuredContent": structured,
        "isError": False,
    }


def _within(news: Sequence[Json], reply: Reply, room: int) -> list[Json]:
    """All updates, their `data` shortened to fit. A page of get_updates fits already."""
    if reply.command == "get_updates" and len(news) > 1:
        return list(news)
    return [shortened_object(each, room // max(1, len(news)))[0] for each in news]


def _next(reply: Reply, data: Json, cut: Sequence[str]) -> str | None:
    """The `next` of the result: how to acknowledge, how to continue, where the rest is."""
    said = [ack_sentence(reply)]
    page: Json = data.get("artifact") or {}
    if page.get("page", 0) < page.get("pages", 0):
        said.append(f'For the rest, send "page": {page["page"] + 1} with the same call.')
    if data.get("next_cursor"):
        said.append(f'For more, send "cursor": "{data["next_cursor"]}" with the same call.')
    if cut:
        said.append(_whole(reply, cut))
    return " ".join(each for each in said if each) or None


def _whole(reply: Reply, cut: Sequence[str]) -> str:
    """Where shortened fields can be read whole."""
    names = [name for name, field in OF_TASK.items() if field in cut]
    if names and "task_id" in reply.data:
        return f'{" and ".join(names)} cut: get_task with "artifact": "{names[0]}" has it in pages.'
    if reply.command == "query_memories":
        key = reply.data["memories"][0]["key"]
        return f"The memory is cut: {memory_uri(reply.session_id or '', key)} has it whole."
    return f"{' and '.join(cut)} cut: too long for one answer."


def _text_of(structured: Mapping[str, Any], form: TextForm) -> str:
    """What to say and the data behind it; in a short text only its short fields."""
    if form is TextForm.FULL:
        rest = {k: v for k, v in structured.items() if v not in (None, [], 0) and k not in _SAID}
        return "\n".join(
            each for each in (structured["say"], structured["next"], compact(rest)) if each
        )
    data: Json = structured["data"]
    facts = {"session_id": structured["session_id"], **data}
    news = [*structured["updates"], *structured["elsewhere"]]
    if news:
        facts["news"] = [{"id": each["id"], "say": each["say"]} for each in news]
    told = compact(facts)
    if len(told) > _TEXT_CHARS:
        told = compact({name: v for name, v in facts.items() if json_chars(v) <= _FACT_CHARS})
    lines = (structured["say"], structured["next"], *structured.get("notes", ()), told)
    return "\n".join(line for line in lines if line)


def refusal_of(error: AiWebhookError) -> Json:
    """The result of a tool that was refused: what is wrong and what to send instead."""
    more = [f"{each.pointer} {each.message}." for each in error.errors[1:6]]
    lines = [plain_text(error.detail), error.remedy, *more, f"({error.code})"]
    text = "\n".join(line for line in lines if line)
    return {"content": [{"type": "text", "text": text}], "isError": True}
