"""Rows committed and not yet pushed to SQS or SNS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiwebhook.domain.event import PUSHED
from aiwebhook.ports.messaging import Event, OutboxRow
from aiwebhook.postgres.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Columns of stale_outbox.sql; those of the event are null for a wake-up."""

    outbox_id: int
    project_id: str
    kind: str
    destination: str | None
    event_no: int | None
    event_id: str | None
    session_id: str | None
    seq: int | None
    type: str | None
    task_id: str | None
    data: dict[str, Any] | None
    correlation_id: str | None
    created_at: datetime | None


class PostgresOutboxStore:
    """One statement per method; each in autocommit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stale_outbox(self, *, older_than_s: float, after: int, limit: int) -> Sequence[OutboxRow]:
        """Rows older than `older_than_s` with an id above `after`, oldest
        first. Raises Unavailable.
        """
        params = {"older_than_s": older_than_s, "after": after, "limit": limit}
        return [_outbox_row(row) for row in self._database.rows("stale_outbox", params, _Row)]

    def refill_outbox(self) -> int:
        """Restore rows lost in a crash of the server, from the event log; returns how
        many. Raises Unavailable.
        """
        params = {"types": sorted(kind.value for kind in PUSHED)}
        return self._database.value("refill_outbox", params, int) or 0

    def note_outbox_progress(self) -> None:
        """Record the position before which every event of the log was
        pushed. Raises Unavailable.
        """
        self._database.run("note_outbox_progress", {})

    def delete_outbox(self, outbox_ids: Sequence[int]) -> None:
        """Delete rows that were pushed; ids already deleted are ignored. Raises Unavailable."""
        if outbox_ids:
            self._database.run("delete_outbox", {"outbox_ids": list(outbox_ids)})


def _outbox_row(row: _Row) -> OutboxRow:
    return OutboxRow(
        outbox_id=row.outbox_id,
        project_id=row.project_id,
        kind=row.kind,
        destination=row.destination,
        event=_event(row),
    )


def _event(row: _Row) -> Event | None:
    if row.event_no is None or row.event_id is None or row.type is None or row.created_at is None:
        return None
    return Event(
        event_no=row.event_no,
        event_id=row.event_id,
        project_id=row.project_id,
        session_id=row.session_id,
        seq=row.seq,
        type=row.type,
        task_id=row.task_id,
        data=row.data or {},
        correlation_id=row.correlation_id,
        created_at=row.created_at,
    )
