"""Events for tests whose point is not the event."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiwebhook.ports.messaging import Event, OutboxRow

_numbers = itertools.count(1)
SOME_TIME = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def any_event(**fields: Any) -> Event:
    """A completed task's event, with a number and an id nobody used yet."""
    number = next(_numbers)
    event = Event(
        event_no=number,
        event_id=f"evt_{number}",
        project_id="default",
        session_id="carbon_planning",
        seq=number,
        type="task.completed",
        task_id=f"task_{number}",
        data={"agent_name": "researcher", "status": "completed"},
        correlation_id="corr_1",
        created_at=SOME_TIME,
    )
    return replace(event, **fields)


def any_wake(agent_name: str = "researcher", *, project_id: str = "default") -> OutboxRow:
    """A wake-up in the outbox."""
    return OutboxRow(
        outbox_id=next(_numbers), project_id=project_id, kind="wake", destination=agent_name
    )


def any_publish(**fields: Any) -> OutboxRow:
    """An event in the outbox."""
    event = any_event(**fields)
    return OutboxRow(
        outbox_id=next(_numbers), project_id=event.project_id, kind="publish", event=event
    )
