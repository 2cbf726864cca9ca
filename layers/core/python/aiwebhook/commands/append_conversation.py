"""Keep what was said. The same chunk again (same id, same words) is no error and is kept once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import Field, model_validator

from aiwebhook.commands import content
from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import (
    ChunkFormat,
    ClientId,
    CommandData,
    ExtractedItems,
    Metadata,
    Moment,
    PastMoment,
    People,
    Text,
)
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import moved_on, require_open_session
from aiwebhook.domain.counted import counted
from aiwebhook.errors import Conflict
from aiwebhook.ids import new_id
from aiwebhook.ports.command_rows import NewChunk


class Data(CommandData):
    """A piece of conversation; its fields may also be nested in `conversation_chunk`."""

    content: Text
    chunk_id: ClientId | None = None
    format: ChunkFormat = "dialogue"
    start_time: PastMoment | None = None
    end_time: Moment | None = None
    participants: People = Field(default_factory=list)
    extracted_items: ExtractedItems = Field(default_factory=list)
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.start_time and self.end_time and self.end_time < self.start_time:
            raise ValueError("end_time must not be before start_time")
        return self


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound, Conflict, Unavailable."""
    chunk = NewChunk(
        chunk_id=command.chunk_id or new_id("chunk"),
        content=content.place(services, context, command.content),
        format=command.format,
        start_time=command.start_time,
        start_offset_s=_offset(command.start_time),
        end_time=command.end_time,
        participants=command.participants,
        extracted_items=command.extracted_items,
        metadata=command.metadata,
    )
    written = services.store.append_conversation(context.change(), chunk)
    if written is None:
        return _existing(services, context, chunk)
    return Outcome.of(written, session_id=context.session_id)


def _offset(moment: datetime | None) -> int | None:
    """In which offset it was said. UTC says nothing of the place: machines write it too."""
    offset = None if moment is None else moment.utcoffset()
    return int(offset.total_seconds()) if offset else None


def _existing(services: CommandServices, context: CommandContext, chunk: NewChunk) -> Outcome:
    found = services.store.find_chunk(
        project_id=context.project_id, session_id=context.session_id, chunk_id=chunk.chunk_id
    )
    if found is None:
        require_open_session(services, context)
        raise moved_on(f"Session '{context.session_id}'")
    if not content.same(found.stored, chunk.content) or found.format != chunk.format:
        raise Conflict(
            f"Chunk '{chunk.chunk_id}' exists with different content.",
            code="chunk_exists",
        )
    data = {"chunk_id": found.chunk_id, "size": found.size, "format": found.format}
    return Outcome(data=data, session_id=context.session_id, cursor=found.seq, existing=True)


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    return Phrase(
        message=f"Conversation of {counted(data['size'], 'byte')} appended as '{data['chunk_id']}'",
        say="I noted what was said.",
    )
