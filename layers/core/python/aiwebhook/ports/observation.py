"""Port to what a project's people look at: events, agents, workers, conversation.

Rows are JSON objects with times as datetimes. All methods raise Unavailable when the store is away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiwebhook.ports.commands import Page

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPosition:
    """A place in the project's event order (xid, event_no). xid is text: it has 64 bits
    without a sign.
    """

    xid: str
    event_no: int


START = EventPosition(xid="0", event_no=0)


class ObservationStore(Protocol):
    """Reads that no command makes."""

    def session_events(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[Json]:
        """In the order of `seq`."""
        ...

    def session_last_seq(self, *, project_id: str, session_id: str) -> int | None:
        """None: there never was such a session. A deleted one keeps its events."""
        ...

    def project_events(
        self,
        *,
        project_id: str,
        after: EventPosition,
        types: Sequence[str] | None,
        limit: int,
    ) -> list[tuple[EventPosition, Json]]:
        """In an order that nothing is inserted into later: behind transactions in flight."""
        ...

    def newest_event_position(self) -> EventPosition:
        """Every event that appears from now on lies behind it."""
        ...

    def list_agents(self, *, project_id: str) -> list[Json]:
        """With live status, running and queued tasks (counted up to 1,000)."""
        ...

    def list_workers(self, *, project_id: str, page: Page) -> list[Json]:
        """Last heard of first."""
        ...

    def list_conversation(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[Json] | None:
        """Oldest first; None: no such session. Large content is named by content_sha256 (hex)."""
        ...

    def newest_conversation(self, *, project_id: str, session_id: str, limit: int) -> list[Json]:
        """What was said last, oldest of it first; large content is named
        by content_sha256 (bytes).
        """
        ...

    def task_events(
        self, *, project_id: str, session_id: str, task_id: str, limit: int
    ) -> list[Json]:
        """The newest of a task, oldest of them first."""
        ...

    def run_shall_stop(self, *, project_id: str, task_id: str, lease_epoch: int) -> bool | None:
        """Whether a cancel was requested; None: the lease is lost."""
        ...

    def pending_migrations(self) -> list[str]:
        """Migrations of this release that the database lacks."""
        ...

    def wait_for_change(self, *, timeout_s: float) -> None:
        """Return when something changed anywhere, or after `timeout_s`. May return early."""
        ...
