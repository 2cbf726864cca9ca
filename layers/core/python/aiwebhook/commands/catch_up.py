"""Everything needed to go on with a session, small enough for a language model to read at once.

It only reads: a paused session stays paused until something is added to it, and no
news is acknowledged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiwebhook.commands.base import CommandContext, Outcome, Phrase
from aiwebhook.commands.catching_up import session_at_a_glance
from aiwebhook.commands.fields import NoData
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.say_phrases import count_in_words, gist, listed, title

Data = NoData


def handle(services: CommandServices, context: CommandContext, _command: NoData) -> Outcome:
    """Raises NotFound, Unavailable."""
    data = session_at_a_glance(services, context)
    return Outcome(data=data, session_id=context.session_id)


def phrase(_command: NoData, data: Mapping[str, Any]) -> Phrase:
    """How it stands and what is at work; then the newest decision, or what is open."""
    name = title(data["title"] or "")
    subject = f"The session {name}" if name else "The session"
    say = f"{subject} is {data['status']}, {_work(data)}."
    for kind, memories in (("decision", data["decisions"]), ("open item", data["open_items"])):
        newest = gist(memories[0]["text"]) if memories else ""
        if newest:
            say += f" The newest {kind}: {newest}."
            break
    return Phrase(message="Where session '{session_id}' stands", say=say)


def _work(data: Mapping[str, Any]) -> str:
    running: Sequence[Mapping[str, Any]] = data["running_tasks"]
    with_question = sum(1 for task in running if task["status"] == "input_required")
    parts = [
        (len(running) - with_question, "under way"),
        (with_question, "waiting for an answer"),
        (len(data["finished_tasks"]), "done"),
    ]
    phrases = [f"{count_in_words(number, 'task')} {state}" for number, state in parts if number]
    return f"with {listed(phrases)}" if phrases else "and it has no tasks"
