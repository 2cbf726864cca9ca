"""`llm_conversation_insight` (docs/wire.md): a memory in the session of its conversation,
opened if needed.

The same message again changes nothing: key and idempotency key are made from what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from aiwebhook.clock import rfc3339
from aiwebhook.commands.base import CommandRequest, Reply
from aiwebhook.commands.envelope import ENVELOPE
from aiwebhook.commands.execute import execute
from aiwebhook.commands.fields import (
    ClientId,
    CommandData,
    Context,
    Label,
    MemoryText,
    MemoryTypeName,
    Metadata,
    Moment,
    Person,
    Tags,
    Title,
)
from aiwebhook.commands.open_session import open_session
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.validation import fingerprint_of, read_as, refuse_unstorable
from aiwebhook.errors import NotFound

_MEMORY_TYPES = frozenset(get_args(MemoryTypeName))
INSIGHT_EXAMPLE: Mapping[str, Any] = {
    "type": "llm_conversation_insight",
    "conversation": {"id": "carbon_planning"},
    "insight": {"type": "decision", "content": "We take copper"},
}


class InsightSource(CommandData):
    """Where it was said."""

    id: ClientId
    participant: Person | None = None
    context: Context | None = None


class Insight(CommandData):
    """What to remember; a type that memories do not have becomes a note with a tag."""

    type: Label
    content: MemoryText
    title: Title | None = None
    priority: Label | None = None
    tags: Tags = Field(default_factory=list)
    suggested_followup: Annotated[str, Field(max_length=10_000)] | None = None


class InsightMessage(CommandData):
    type: Literal["llm_conversation_insight"]
    conversation: InsightSource
    insight: Insight
    version: Annotated[str, Field(max_length=20)] | None = None
    timestamp: Moment | None = None
    metadata: Metadata = Field(default_factory=dict)
    request_id: str | None = None
    reader: Any = None
    ack: Any = None


def store_insight(services: CommandServices, request: CommandRequest) -> Reply:
    """`request.data` is the whole message. Raises what commands raise."""
    refuse_unstorable(request.data, "")
    message, data, notes = read_as(
        InsightMessage,
        request.data,
        pointer="",
        lenient=request.lenient,
        example=lambda: INSIGHT_EXAMPLE,
    )
    content = {name: value for name, value in data.items() if name not in ENVELOPE}
    fingerprint = fingerprint_of("llm_conversation_insight", None, content)
    name = f"insight-{fingerprint.hex()[:32]}"
    store = replace(
        request,
        command="store_memory",
        session_id=message.conversation.id,
        data=_memory(message, key=name),
        idempotency_key=request.idempotency_key or name,
        fingerprint=fingerprint,
        pointer="/insight",
        notes=(*request.notes, *notes),
    )
    try:
        return execute(services, store)
    except NotFound:
        about = message.conversation
        participants = [] if about.participant is None else [about.participant]
        opening = {"participants": participants, "context": about.context}
        open_session(services, request, about.id, opening)
        return execute(services, store)


def _memory(message: InsightMessage, *, key: str) -> dict[str, Any]:
    insight, conversation = message.insight, message.conversation
    known = insight.type in _MEMORY_TYPES
    extra = [] if known else [insight.type]
    content: dict[str, Any] = {
        "text": insight.content,
        "title": insight.title,
        "priority": insight.priority,
        "suggested_followup": insight.suggested_followup,
        "participant": conversation.participant,
        "context": conversation.context,
        "timestamp": None if message.timestamp is None else rfc3339(message.timestamp),
        "metadata": message.metadata or None,
    }
    return {
        "key": key,
        "type": insight.type if known else "note",
        "content": {name: value for name, value in content.items() if value is not None},
        "tags": [*insight.tags, *extra],
    }
