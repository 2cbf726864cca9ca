"""Close a session; it accepts nothing new until it is resumed. Running tasks continue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import NoData
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import change_status
from aiwebhook.domain.event import EventType
from aiwebhook.ports.command_rows import SessionStatus

Data = NoData


def handle(services: CommandServices, context: CommandContext, _command: NoData) -> Outcome:
    """Raises NotFound, Conflict."""
    return change_status(
        services,
        context,
        allowed=(SessionStatus.ACTIVE, SessionStatus.PAUSED),
        status=SessionStatus.COMPLETED,
        event_type=EventType.SESSION_COMPLETED,
        remedy="It is completed already; resume_session opens it again.",
    )


def phrase(_command: NoData, _data: Mapping[str, Any]) -> Phrase:
    return Phrase(message="Session '{session_id}' completed", say="I closed the session.")
