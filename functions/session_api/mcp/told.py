"""Notes which news a tool's result has reported, so that its chat is not woken for them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.event import REPORTED, TASK_ENDED, EventType
from aiwebhook.errors import Unavailable

if TYPE_CHECKING:
    from aiwebhook.commands.base import Reply
    from session_api.mcp.definition import RequestContext

Json = dict[str, Any]
_TASK = "task."


def note_told(context: RequestContext, reply: Reply) -> None:
    """Give up pending event deliveries about what the reply reports: one SQL statement, and only if
    it reports on a task.
    """
    if not context.api.subscriptions.quiet_hosts:
        return
    told = frozenset(_reported(reply))
    if told:
        with suppress(Unavailable):  # the chat is woken once more, which does no harm
            context.api.subscriptions.store.give_up_told(
                project_id=context.caller.project_id,
                connection=context.caller.connection,
                told=told,
            )


def _reported(reply: Reply) -> Iterator[tuple[str, str]]:
    """Task ids and event types of the news that the reply contains."""
    news: tuple[Json, ...] = (*reply.updates, *reply.elsewhere, *(reply.data.get("updates") or ()))
    yield from ((str(each["task_id"]), str(each["type"])) for each in news)
    task_id, status = reply.data.get("task_id"), f"{_TASK}{reply.data.get('status')}"
    if isinstance(task_id, str) and status in REPORTED:
        yield task_id, status
        if status in TASK_ENDED:  # a question that it asked before is settled
            yield task_id, EventType.TASK_INPUT_REQUIRED
