"""Open a session. Creating it again with the same body is no error: the caller may have
lost the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import CommandData, Context, Metadata, People, TimeZone, Title
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import moved_on
from aiwebhook.commands.validation import fingerprint_of
from aiwebhook.errors import Conflict
from aiwebhook.ids import new_id
from aiwebhook.ports.command_rows import NewSession


class Data(CommandData):
    """What the session is about, and who takes part."""

    title: Title | None = None
    participants: People = Field(default_factory=list)
    context: Context | None = None
    metadata: Metadata = Field(default_factory=dict)
    time_zone: TimeZone | None = None


def handle(services: CommandServices, context: CommandContext, command: Data) -> Outcome:
    """Raises Conflict when the id is taken by another session."""
    session_id = context.session_id or new_id("sess")
    session = NewSession(
        title=command.title,
        participants=command.participants,
        context=command.context,
        metadata=command.metadata,
        time_zone=command.time_zone,
        fingerprint=fingerprint_of("create_session", session_id, _requested(command)),
    )
    written = services.store.create_session(context.change(session_id), session)
    if written is None:
        return _existing(services, context, session_id, session.fingerprint)
    return Outcome.of(written, session_id=session_id)


def _requested(command: Data) -> dict[str, Any]:
    """A field that sessions have not always had counts only where it is given: the fingerprint of
    a session made before stays what it was.
    """
    return command.model_dump(exclude={"time_zone"} if command.time_zone is None else None)


def _existing(
    services: CommandServices, context: CommandContext, session_id: str, fingerprint: bytes
) -> Outcome:
    found = services.store.find_session(project_id=context.project_id, session_id=session_id)
    if found is None:
        raise moved_on(f"Session '{session_id}'")
    if found.fingerprint != fingerprint:
        raise Conflict(
            f"Session '{session_id}' exists with different fields.",
            code="session_exists",
        )
    # The same answer as the first time, whatever has become of the session since.
    data = {"status": "active", "title": found.title}
    return Outcome(data=data, session_id=session_id, cursor=found.last_seq, existing=True)


def phrase(_command: Data, _data: Mapping[str, Any]) -> Phrase:
    return Phrase(message="Session '{session_id}' created", say="I opened the session.")
