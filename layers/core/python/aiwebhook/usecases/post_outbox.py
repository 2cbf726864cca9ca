"""After the commit: push the change's outbox rows, and wake readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aiwebhook.errors import Unavailable
from aiwebhook.ports.messaging import EventPublisher, OutboxRow, Waker
from aiwebhook.ports.queue_rows import AgentRef
from aiwebhook.usecases.publish_outbox import push_outbox


class SettlingStore(Protocol):
    """The one statement needed here."""

    def settle_outbox(
        self, outbox_ids: Sequence[int], *, got_room: Sequence[AgentRef]
    ) -> tuple[AgentRef, ...]:
        """Delete pushed rows and wake readers; returns those of `got_room` that
        have ready tasks.
        """
        ...


def post_outbox(
    store: SettlingStore, rows: Sequence[OutboxRow], *, waker: Waker, publisher: EventPublisher
) -> None:
    """Call after every change, even one without rows: long polls wait for the notification. Wakes
    an agent in `got_room` if one of its tasks is ready. Never raises.
    """
    pushed = push_outbox(rows, waker=waker, publisher=publisher) if rows else ()
    try:
        with_work = store.settle_outbox(pushed, got_room=_got_room(rows))
    except Unavailable:
        return  # the sweep pushes again; readers poll; the reaper wakes agents
    for agent in with_work:
        try:
            waker.wake(project_id=agent.project_id, agent_name=agent.agent_name)
        except Unavailable:
            continue


def _got_room(rows: Sequence[OutboxRow]) -> list[AgentRef]:
    freed = {
        (row.project_id, row.destination)
        for row in rows
        if row.kind == "room" and row.destination is not None
    }
    return [AgentRef(project_id=project, agent_name=name) for project, name in sorted(freed)]
