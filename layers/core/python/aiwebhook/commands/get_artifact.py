"""Read an artifact with its content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands import content
from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import ClientId, CommandData
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.say_phrases import file_title
from aiwebhook.domain.view import view
from aiwebhook.errors import NotFound

_DIGEST = frozenset({"content_sha256"})


class Data(CommandData):
    artifact_id: ClientId


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises NotFound, Unavailable."""
    found = services.store.find_artifact(
        project_id=context.project_id, artifact_id=command.artifact_id
    )
    if found is None or (context.session_id and found.session_id != context.session_id):
        where = f" in session '{context.session_id}'" if context.session_id else " in this project"
        raise NotFound(
            f"No artifact '{command.artifact_id}'{where}.",
            code="artifact_not_found",
        )
    shown = content.shown_content(
        services.blobs, context.project_id, found.stored, content_type=found.content_type
    )
    data = view(found, without=_DIGEST)
    return Outcome(data={**data, **shown}, session_id=found.session_id)


def phrase(_command: Data, data: Mapping[str, Any]) -> Phrase:
    name = file_title(data["name"])
    say = f"Here is the document {name}." if name else "Here is the document."
    return Phrase(message=f"Artifact '{data['artifact_id']}'", say=say)
