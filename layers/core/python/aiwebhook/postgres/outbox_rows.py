"""Outbox rows as the statements return them: one JSON array per statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from aiwebhook.domain.attempt import REAPER_TICK_S
from aiwebhook.ports.messaging import Event, OutboxRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedRow:
    """`notified` None: another transaction was at it, and those who wait are to be woken again."""

    notified: bool | None


def outbox_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[OutboxRow, ...]:
    """Typed rows from the `outbox` column."""
    return tuple(
        OutboxRow(
            outbox_id=row["outbox_id"],
            project_id=row["project_id"],
            kind=row["kind"],
            destination=row["destination"],
            event=_event(row["event"]) if row.get("event") else None,
        )
        for row in rows
    )


def delayed_wake(*, project_id: str, agent_name: str, wait_s: float | None) -> list[OutboxRow]:
    """The wake-up for a task that falls due in `wait_s`, where the reaper's next tick is too late:
    a message without a row. It never comes early: SQS counts from when it gets it.
    """
    if wait_s is None or not 0 < wait_s <= REAPER_TICK_S:
        return []
    return [
        OutboxRow(
            outbox_id=None,
            project_id=project_id,
            kind="wake",
            destination=agent_name,
            delay_s=ceil(wait_s),
        )
    ]


def _event(event: Mapping[str, Any]) -> Event:
    fields: dict[str, Any] = {**event, "created_at": datetime.fromisoformat(event["created_at"])}
    return Event(**fields)
