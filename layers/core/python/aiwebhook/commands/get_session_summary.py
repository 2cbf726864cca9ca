"""What a session holds, and what its tasks have used, in figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import NoData
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.speech import count
from aiwebhook.commands.states import session_missing
from aiwebhook.domain.usage import Usage

Data = NoData


def handle(services: CommandServices, context: CommandContext, _command: NoData) -> Outcome:
    """Raises NotFound."""
    summary = services.store.summarize_session(
        project_id=context.project_id, session_id=context.session_id
    )
    if summary is None:
        raise session_missing(context.session_id)
    usage = Usage.from_json(summary["usage"]).as_json()
    return Outcome(data={**summary, "usage": usage}, session_id=context.session_id)


def phrase(_command: NoData, data: Mapping[str, Any]) -> Phrase:
    """Words."""
    stats = data["stats"]
    held = (
        count(stats["conversation_chunks"], "piece of conversation", "pieces of conversation"),
        count(stats["memories"], "memory", "memories"),
        count(stats["tasks"], "task"),
        count(stats["artifacts"], "artifact"),
    )
    say = f"The session is {data['status']} and holds {', '.join(held[:-1])} and {held[-1]}."
    if stats["active_tasks"]:
        verb = "is" if stats["active_tasks"] == 1 else "are"
        say += f" {count(stats['active_tasks'], 'task').capitalize()} {verb} still at work."
    return Phrase(message="Summary of session '{session_id}'", say=say)
