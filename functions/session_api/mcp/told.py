"""Which news a tool has just told its caller, who need not be interrupted for it any more."""

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
    """One statement, and only where the reply tells the outcome of a task."""
    if not context.api.subscriptions.quiet_hosts:
        return
    told = frozenset(_told(reply))
    if told:
        with suppress(Unavailable):  # the chat will be told once more, which is no harm
            context.api.subscriptions.store.give_up_told(
                project_id=context.caller.project_id,
                connection=context.caller.connection,
                told=told,
            )


def _told(reply: Reply) -> Iterator[tuple[str, str]]:
    """Tasks, with the types of the events about them."""
    news: tuple[Json, ...] = (*reply.updates, *reply.elsewhere, *(reply.data.get("updates") or ()))
    yield from ((str(each["task_id"]), str(each["type"])) for each in news)
    task_id, status = reply.data.get("task_id"), f"{_TASK}{reply.data.get('status')}"
    if isinstance(task_id, str) and status in REPORTED:
        yield task_id, status
        if status in TASK_ENDED:  # what it asked before that is settled
            yield task_id, EventType.TASK_INPUT_REQUIRED
