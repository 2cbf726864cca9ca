"""Pause an active session. It still takes what arrives: losing words would be worse."""

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
        allowed=(SessionStatus.ACTIVE,),
        status=SessionStatus.PAUSED,
        event_type=EventType.SESSION_PAUSED,
        remedy="Only an active session can be paused; resume_session makes it active.",
    )


def phrase(_command: NoData, _data: Mapping[str, Any]) -> Phrase:
    return Phrase(message="Session '{session_id}' paused", say="I paused the session.")
