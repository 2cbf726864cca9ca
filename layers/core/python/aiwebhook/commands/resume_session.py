"""Resume a paused or completed session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.catching_up import session_at_a_glance
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
        allowed=(SessionStatus.PAUSED, SessionStatus.COMPLETED),
        status=SessionStatus.ACTIVE,
        event_type=EventType.SESSION_RESUMED,
        remedy="It is already active; go ahead.",
    )


def wait(
    services: CommandServices, context: CommandContext, _command: NoData, outcome: Outcome
) -> Outcome:
    """What a client needs to continue, as it is now: a replay reads it again."""
    return replace(outcome, data={**outcome.data, **session_at_a_glance(services, context)})


def phrase(_command: NoData, _data: Mapping[str, Any]) -> Phrase:
    return Phrase(message="Session '{session_id}' resumed", say="We are back in the session.")
