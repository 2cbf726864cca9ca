"""Store a result or document. The same artifact again (same id, same content) is kept once."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from aiwebhook.commands import content
from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import (
    Base64,
    ClientId,
    CommandData,
    ContentType,
    Label,
    Metadata,
    Text,
    Title,
    one_of_these,
)
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import moved_on, require_open_session, require_session, require_task
from aiwebhook.domain.counted import counted
from aiwebhook.domain.say_phrases import file_title
from aiwebhook.errors import Conflict
from aiwebhook.ids import new_id
from aiwebhook.ports.command_rows import Content, NewArtifact


class Data(CommandData):
    """An artifact: text of any format, or bytes as base64, with the task that made it."""

    model_config = one_of_these(
        "oneOf", content={"type": "string"}, content_base64={"type": "string"}
    )

    name: Title
    type: Label
    content: Text | None = None
    content_base64: (
        Annotated[
            Base64, Field(description="Bytes that are not text, in base64; instead of content")
        ]
        | None
    ) = None
    content_type: ContentType | None = None
    artifact_id: ClientId | None = None
    format: Label | None = None
    task_id: ClientId | None = None
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_one_content(self) -> Self:
        if (self.content is None) == (self.content_base64 is None):
            raise ValueError("needs either content (text) or content_base64 (bytes)")
        return self


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound, Conflict, Unavailable."""
    artifact = NewArtifact(
        artifact_id=command.artifact_id or new_id("art"),
        task_id=command.task_id,
        name=command.name,
        type=command.type,
        format=command.format,
        content=_placed(services, context, command),
        metadata=command.metadata,
        content_type=command.content_type,
    )
    written = services.store.add_artifact(context.change(), artifact)
    if written is None:
        return _existing(services, context, artifact)
    return Outcome.of(written, session_id=context.session_id)


def _placed(services: CommandServices, context: CommandContext, command: Data) -> Content:
    if command.content_base64 is not None:
        return content.place_bytes(services, context, b64decode(command.content_base64))
    return content.place(services, context, command.content or "")


def _existing(services: CommandServices, context: CommandContext, artifact: NewArtifact) -> Outcome:
    require_session(services, context)
    found = services.store.find_artifact(
        project_id=context.project_id, artifact_id=artifact.artifact_id
    )
    if found is None:
        require_open_session(services, context)
        if artifact.task_id is not None:
            require_task(services, context, artifact.task_id)
        raise moved_on(f"Session '{context.session_id}'")
    same = (
        found.session_id == context.session_id
        and found.name == artifact.name
        and found.type == artifact.type
        and content.same(found.stored, artifact.content)
    )
    if not same:
        raise Conflict(
            f"Artifact '{artifact.artifact_id}' exists with different content.",
            code="artifact_exists",
        )
    data = {
        "artifact_id": found.artifact_id,
        "name": found.name,
        "type": found.type,
        "format": found.format,
        "size": found.size,
    }
    return Outcome(data=data, session_id=context.session_id, existing=True)


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    name = file_title(data["name"])
    return Phrase(
        message=f"Artifact '{data['artifact_id']}' of {counted(data['size'], 'byte')} added",
        say=f"I kept the document {name}." if name else "I kept the document.",
    )
