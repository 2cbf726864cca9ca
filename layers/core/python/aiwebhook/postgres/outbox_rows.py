"""Outbox rows as statements return them: one JSON array per statement."""

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
    """`notified` is None when another transaction held the notification lock: readers must then
    be notified again.
    """

    notified: bool | None


def outbox_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[OutboxRow, ...]:
    """Typed rows of an `outbox` column."""
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
    """A delayed wake-up for a task that falls due in `wait_s`, if the reaper's next tick is too
    late for it: a message without an outbox row. It never arrives early: SQS counts from receipt.
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
