"""Outbox rows as the statements return them: one JSON array per statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aiwebhook.ports.messaging import Event, OutboxRow


def outbox_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[OutboxRow, ...]:
    """Typed rows from the `outbox` column."""
    return tuple(
        OutboxRow(
            outbox_id=row["outbox_id"],
            project_id=row["project_id"],
            kind=row["kind"],
            destination=row["destination"],
            event=_event(row.get("event")),
        )
        for row in rows
    )


def _event(event: Mapping[str, Any] | None) -> Event | None:
    if event is None:
        return None
    fields: dict[str, Any] = {**event, "created_at": datetime.fromisoformat(event["created_at"])}
    return Event(**fields)
