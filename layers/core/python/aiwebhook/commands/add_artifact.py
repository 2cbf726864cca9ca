"""Keep a result or document. The same artifact again (same id, same content) is kept once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from aiwebhook.commands import content
from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import ClientId, CommandData, Label, Metadata, Text, Title
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.speech import file_title
from aiwebhook.commands.states import (
    moved_on,
    require_open_session,
    require_session,
    require_task,
)
from aiwebhook.errors import Conflict
from aiwebhook.ids import new_id
from aiwebhook.ports.command_rows import (
    NewArtifact,
)


class Data(CommandData):
    """An artifact: text of any format, with the task that made it."""

    name: Title
    type: Label
    content: Text
    artifact_id: ClientId | None = None
    format: Label | None = None
    task_id: ClientId | None = None
    metadata: Metadata = Field(default_factory=dict)


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound, Conflict, Unavailable."""
    artifact = NewArtifact(
        artifact_id=command.artifact_id or new_id("art"),
        task_id=command.task_id,
        name=command.name,
        type=command.type,
        format=command.format,
        content=content.place(services, context, command.content),
        metadata=command.metadata,
    )
    written = services.store.add_artifact(context.change(), artifact)
    if written is None:
        return _existing(services, context, artifact)
    return Outcome.of(written, session_id=context.session_id)


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
        found["session_id"] == context.session_id
        and found["name"] == artifact.name
        and found["type"] == artifact.type
        and content.same(found, artifact.content)
    )
    if not same:
        raise Conflict(
            f"Artifact '{artifact.artifact_id}' exists with other contents.",
            code="artifact_exists",
            remedy="Send it under another artifact_id, or leave artifact_id out.",
        )
    data = {name: found[name] for name in ("artifact_id", "name", "type", "format", "size")}
    return Outcome(data=data, session_id=context.session_id, existing=True)


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    """By its name."""
    name = file_title(data["name"])
    return Phrase(
        message=f"Artifact '{data['artifact_id']}' of {data['size']} bytes added",
        say=f"I kept the document {name}." if name else "I kept the document.",
    )
