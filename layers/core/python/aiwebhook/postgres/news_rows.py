"""News as the statements return it: JSON arrays of events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aiwebhook.ports.news_rows import Update, UpdateElsewhere


def updates_of(items: Sequence[dict[str, Any]]) -> list[Update]:
    """News of the reader's session."""
    return [
        Update(
            event_id=item["event_id"],
            type=item["type"],
            created_at=datetime.fromisoformat(item["created_at"]),
            task_id=item["task_id"],
            data=item["data"],
            times=item["times"],
            seq=item["seq"],
        )
        for item in items
    ]


def updates_elsewhere_of(items: Sequence[dict[str, Any]]) -> list[UpdateElsewhere]:
    """News of other sessions, or of all."""
    return [
        UpdateElsewhere(
            event_id=item["event_id"],
            type=item["type"],
            created_at=datetime.fromisoformat(item["created_at"]),
            task_id=item["task_id"],
            data=item["data"],
            times=item["times"],
            event_no=item["event_no"],
            session_id=item["session_id"],
            session_title=item["title"],
        )
        for item in items
    ]
