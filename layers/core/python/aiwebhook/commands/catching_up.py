"""What one must know to go on with a session: read anew each time, small, and never stored."""

from __future__ import annotations

from aiwebhook.commands.base import CommandContext
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.states import session_missing
from aiwebhook.ports.command_rows import Json


def catch_up(services: CommandServices, context: CommandContext) -> Json:
    """title, status, time_zone, last_words, decisions, open_items, running_tasks and
    finished_tasks: at most five each. Raises NotFound.
    """
    found = services.store.catch_up(project_id=context.project_id, session_id=context.session_id)
    if found is None:
        raise session_missing(context.session_id)
    return found
