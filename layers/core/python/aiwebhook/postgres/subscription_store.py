"""What MCP clients follow. Each method runs the statement of its name and raises Unavailable."""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb

from aiwebhook.ports.subscriptions import EventFilter, EventRange, MatchingEvent
from aiwebhook.postgres.database import Database


class PostgresSubscriptionStore:
    """Everything within one project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def matching_events(
        self, *, project_id: str, wanted: EventFilter, within: EventRange
    ) -> list[MatchingEvent]:
        """In the project's order, behind every transaction in flight."""
        params = {
            "project_id": project_id,
            **_filter(wanted),
            "after_xid": within.after.xid,
            "after_no": within.after.event_no,
            "since": within.since,
            "before": within.before,
            "limit": within.limit,
        }
        return self._database.rows("matching_events", params, MatchingEvent)


def _filter(wanted: EventFilter) -> dict[str, Any]:
    return {
        "types": list(wanted.types),
        "session_id": wanted.session_id,
        "task_id": wanted.task_id,
        "agent_name": wanted.agent_name,
        "facts": Jsonb(dict(wanted.facts)),
    }
