"""The `ObservationStore` port on Postgres; each method runs the statement of its name."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.errors import UndefinedTable

from aiwebhook.ports.commands import Page
from aiwebhook.ports.observation import EventPosition, Json
from aiwebhook.postgres.command_ledger import keyset
from aiwebhook.postgres.database import Database


class PostgresObservationStore:
    """Implements ports.observation.ObservationStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def session_events(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[Json]:
        """In the order of `seq`."""
        params = {
            "project_id": project_id,
            "session_id": session_id,
            "after_seq": after_seq,
            "limit": limit,
        }
        return self._database.dicts("session_events", params)

    def session_last_seq(self, *, project_id: str, session_id: str) -> int | None:
        """None: there never was such a session."""
        params = {"project_id": project_id, "session_id": session_id}
        rows = self._database.dicts("session_last_seq", params)
        return rows[0]["seq"] if rows else None

    def project_events(
        self,
        *,
        project_id: str,
        after: EventPosition,
        types: Sequence[str] | None,
        limit: int,
    ) -> list[tuple[EventPosition, Json]]:
        """Behind every transaction in flight."""
        params = {
            "project_id": project_id,
            "after_xid": after.xid,
            "after_no": after.event_no,
            "types": None if types is None else list(types),
            "limit": limit,
        }
        rows = self._database.dicts("project_events", params)
        return [(EventPosition(xid=row.pop("xid"), event_no=row["event_no"]), row) for row in rows]

    def newest_event_position(self) -> EventPosition:
        """Every event that appears from now on lies behind it."""
        row = self._database.dicts("newest_event_position", {})[0]
        return EventPosition(xid=row["xid"], event_no=row["event_no"])

    def list_agents(self, *, project_id: str) -> list[Json]:
        """With live status and load."""
        return self._database.dicts("list_agents", {"project_id": project_id})

    def list_workers(self, *, project_id: str, page: Page) -> list[Json]:
        """Last heard of first."""
        return self._database.dicts("list_workers", {"project_id": project_id, **keyset(page)})

    def list_conversation(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[Json] | None:
        """Oldest first."""
        params = {
            "project_id": project_id,
            "session_id": session_id,
            "after_seq": after_seq,
            "limit": limit,
        }
        rows = self._database.dicts("list_conversation", params)
        if not rows and not self._database.dicts("session_exists", params):
            return None
        return rows

    def newest_conversation(self, *, project_id: str, session_id: str, limit: int) -> list[Json]:
        """What was said last, oldest of it first."""
        params = {"project_id": project_id, "session_id": session_id, "limit": limit}
        return self._database.dicts("newest_conversation", params)

    def task_events(
        self, *, project_id: str, session_id: str, task_id: str, limit: int
    ) -> list[Json]:
        """The newest of a task, oldest of them first."""
        params = {
            "project_id": project_id,
            "session_id": session_id,
            "task_id": task_id,
            "limit": limit,
        }
        return self._database.dicts("task_events", params)

    def run_shall_stop(self, *, project_id: str, task_id: str, lease_epoch: int) -> bool | None:
        """Whether a cancel was requested."""
        params = {"project_id": project_id, "task_id": task_id, "lease_epoch": lease_epoch}
        rows = self._database.dicts("signal_run", params)
        return rows[0]["cancel_requested"] if rows else None

    def pending_migrations(self) -> list[str]:
        """Migrations of this release that the database lacks, or has in another text."""
        # Imported here: readiness is asked rarely, and a cold start does not need the migrator.
        from aiwebhook.postgres.migrate import shipped_migrations  # noqa: PLC0415 - see above

        try:
            rows = self._database.dicts("applied_migrations", {})
        except UndefinedTable:
            rows = []
        applied = {row["version"]: bytes(row["checksum"]) for row in rows}
        return [
            migration.name
            for migration in shipped_migrations()
            if applied.get(migration.version) != migration.checksum
        ]

    def wait_for_change(self, *, timeout_s: float) -> None:
        """Return when something changed anywhere, or after `timeout_s`."""
        self._database.wait_for_notice("aiwebhook", timeout_s=timeout_s)
