"""Remove a session with everything in it: conversation, memories, artifacts, tasks, events.

One `session.deleted` event stays, so that readers learn of it; a session of the same id goes on
counting. Runs under way have lost their lease: whatever they say is refused, also when the same ids
are created again, and they stop as they would on a cancel. Tasks that waited for their places are
claimed at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import NoData
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import require_session
from aiwebhook.errors import Conflict

Data = NoData


def handle(services: CommandServices, context: CommandContext, _command: NoData) -> Outcome:
    """Raises NotFound; Conflict while tasks of other sessions wait for tasks of this one."""
    written = services.store.delete_session(context.change())
    if written is not None:
        return Outcome.of(written, session_id=context.session_id)
    require_session(services, context)
    raise Conflict(
        f"Tasks of other sessions wait for unfinished tasks of session '{context.session_id}'.",
        code="session_needed",
    )


def phrase(_command: NoData, _data: Mapping[str, Any]) -> Phrase:
    return Phrase(
        message="Session '{session_id}' deleted",
        say="I deleted the session and everything in it.",
    )
