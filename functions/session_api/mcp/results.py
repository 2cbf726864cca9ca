"""A reply as the result of a tool: what is spoken as text, everything as structured content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import Reply
from aiwebhook.domain.plain_text import plain_text
from aiwebhook.errors import AiWebhookError
from session_api.mcp.acknowledging import how_to_acknowledge

Json = dict[str, Any]
_TEXT_CHARS = 2_000
"""Of data in the text, for clients that show their model no structured content."""


def result_of(reply: Reply) -> Json:
    """The result of a tool that did what it was asked."""
    structured: Json = {
        "say": reply.say,
        "session_id": reply.session_id,
        "data": dict(reply.data),
        "updates": list(reply.updates),
        "updates_more": reply.updates_more,
        "elsewhere": list(reply.elsewhere),
        "elsewhere_more": reply.elsewhere_more,
        "cursor": reply.cursor,
        "next": how_to_acknowledge(reply),
    }
    if reply.command == "get_updates":
        place = "updates" if reply.session_id else "elsewhere"
        structured[place] = structured["data"].pop("updates")
    if reply.notes:
        structured["notes"] = list(reply.notes)
    return {
        "content": [{"type": "text", "text": _text_of(structured)}],
        "structuredContent": structured,
        "isError": False,
    }


def _text_of(structured: Mapping[str, Any]) -> str:
    """What to say, and the facts behind it: where they are long, only the short ones."""
    data: Json = structured["data"]
    facts = {"session_id": structured["session_id"], **data}
    news = [*structured["updates"], *structured["elsewhere"]]
    if news:
        facts["news"] = [{"id": each["id"], "say": each["say"]} for each in news]
    told = _dumps(facts)
    if len(told) > _TEXT_CHARS:
        told = _dumps({name: v for name, v in facts.items() if len(_dumps(v)) <= 200})
    lines = (structured["say"], structured["next"], *structured.get("notes", ()), told)
    return "\n".join(line for line in lines if line)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def refusal_of(error: AiWebhookError) -> Json:
    """The result of a tool that could not: what was wrong, and what to do, for the model."""
    more = [f"{each.pointer} {each.message}." for each in error.errors[1:6]]
    lines = [plain_text(error.detail), error.remedy, *more, f"({error.code})"]
    text = "\n".join(line for line in lines if line)
    return {"content": [{"type": "text", "text": text}], "isError": True}
