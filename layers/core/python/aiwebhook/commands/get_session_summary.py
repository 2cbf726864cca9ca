"""What a session holds, and what its tasks have used, in figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.fields import NoData
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import session_missing
from aiwebhook.domain.say_phrases import count_in_words, listed
from aiwebhook.domain.usage import Usage
from aiwebhook.domain.view import view

Data = NoData


def handle(services: CommandServices, context: CommandContext, _command: NoData) -> Outcome:
    """Raises NotFound."""
    summary = services.store.summarize_session(
        project_id=context.project_id, session_id=context.session_id
    )
    if summary is None:
        raise session_missing(context.session_id)
    usage = Usage.from_json(summary.usage).as_json()
    return Outcome(data={**view(summary), "usage": usage}, session_id=context.session_id)


def phrase(_command: NoData, data: Mapping[str, Any]) -> Phrase:
    """What there is, without what there is none of."""
    stats = data["stats"]
    counted = (
        (stats["conversation_chunks"], "piece of conversation", "pieces of conversation"),
        (stats["memories"], "memory", "memories"),
        (stats["tasks"], "task", "tasks"),
        (stats["artifacts"], "document", "documents"),
    )
    held = [count_in_words(number, one, many) for number, one, many in counted if number]
    say = f"The session is {data['status']} and holds {listed(held) if held else 'nothing yet'}."
    if stats["active_tasks"]:
        verb = "is" if stats["active_tasks"] == 1 else "are"
        say += f" {count_in_words(stats['active_tasks'], 'task').capitalize()} {verb} not done yet."
    return Phrase(message="Summary of session '{session_id}'", say=say)
