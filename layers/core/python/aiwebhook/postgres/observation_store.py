"""The `ObservationStore` port on Postgres; each method runs the statement of its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.errors import UndefinedTable

from aiwebhook.domain.lease import RunLease
from aiwebhook.ports.commands import Page
from aiwebhook.ports.observation import (
    AgentLoad,
    ConversationRow,
    EventPosition,
    EventRow,
    FeedPosition,
    PendingMigrations,
    ProjectEventRow,
    RunSignal,
    SessionPosition,
    TaskEventRow,
    TranscriptRow,
    WorkerRow,
)
from aiwebhook.postgres.feed_store import PostgresFeedStore
from aiwebhook.postgres.flush import Params
from aiwebhook.postgres.keyset import keyset
from aiwebhook.postgres.run_rows import lease_arrays


@dataclass(frozen=True, slots=True, kw_only=True)
class _Applied:
    version: int
    checksum: bytes


class PostgresObservationStore(PostgresFeedStore):
    """Implements ports.observation.ObservationStore."""

    def session_events(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[EventRow]:
        """Events in the order of `seq`."""
        params = {
            "project_id": project_id,
            "session_id": session_id,
            "after_seq": after_seq,
            "limit": limit,
        }
        return self._database.rows("session_events", params, EventRow)

    def session_position(
        self, *, project_id: str, session_id: str, after_seq: int
    ) -> SessionPosition | None:
        """The reader's position; None if the session never existed."""
        params = {"project_id": project_id, "session_id": session_id, "after_seq": after_seq}
        return self._database.row("session_position", params, SessionPosition)

    def project_events(
        self,
        *,
        project_id: str,
        after: EventPosition,
        types: Sequence[str] | None,
        limit: int,
    ) -> list[ProjectEventRow]:
        """Events in the project's order; those of transactions still open, and later
        ones, are withheld.
        """
        params = {
            "project_id": project_id,
            "after_xid": after.xid,
            "after_no": after.event_no,
            "types": None if types is None else list(types),
            "limit": limit,
        }
        return self._database.rows("project_events", params, ProjectEventRow)

    def feed_position(self, *, project_id: str, after: EventPosition) -> FeedPosition:
        """The position adjusted after a restore: not before what still exists, and not
        beyond the end.
        """
        params = {
            "project_id": project_id,
            "after_xid": after.xid,
            "after_no": after.event_no,
        }
        return self._database.only("feed_position", params, FeedPosition)

    def newest_event_position(self) -> EventPosition:
        """A position before every event that appears from now on."""
        return self._database.only("newest_event_position", {}, EventPosition)

    def list_agents(self, *, project_id: str) -> list[AgentLoad]:
        """Agents with live status and load."""
        return self._database.rows("list_agents", {"project_id": project_id}, AgentLoad)

    def list_workers(self, *, project_id: str, page: Page) -> list[WorkerRow]:
        """Workers, most recently seen first."""
        params = {"project_id": project_id, **keyset(page)}
        return self._database.rows("list_workers", params, WorkerRow)

    def list_conversation(
        self, *, project_id: str, session_id: str, after_seq: int, limit: int
    ) -> list[ConversationRow] | None:
        """Chunks, oldest first."""
        params = {
            "project_id": project_id,
            "session_id": session_id,
            "after_seq": after_seq,
            "limit": limit,
        }
        rows = self._database.rows("list_conversation", params, ConversationRow)
        return rows if rows or self._session_exists(params) else None

    def newest_conversation(
        self, *, project_id: str, session_id: str, limit: int
    ) -> list[TranscriptRow]:
        """The newest chunks, oldest of them first."""
        params = {"project_id": project_id, "session_id": session_id, "limit": limit}
        return self._database.rows("newest_conversation", params, TranscriptRow)

    def task_events(
        self, *, project_id: str, session_id: str, task_id: str, limit: int
    ) -> list[TaskEventRow]:
        """The newest events of a task, oldest of them first."""
        params = {
            "project_id": project_id,
            "session_id": session_id,
            "task_id": task_id,
            "limit": limit,
        }
        return self._database.rows("task_events", params, TaskEventRow)

    def runs_shall_stop(self, leases: Sequence[RunLease]) -> list[RunSignal]:
        """Whether each run's cancellation was requested; lost leases are left out."""
        return self._database.rows("runs_shall_stop", lease_arrays(leases), RunSignal)

    def pending_migrations(self) -> PendingMigrations:
        """Migrations of this release that the database lacks, or has with a different text."""
        # Imported here: readiness checks are rare, and a cold start does not need the migrator.
        from aiwebhook.postgres.migrate import Phase, shipped_migrations  # noqa: PLC0415 - see above

        try:
            applied = self._applied_migrations()
        except UndefinedTable:
            applied = {}
        missing = [
            migration
            for migration in shipped_migrations()
            if applied.get(migration.version) != migration.checksum
        ]
        return PendingMigrations(
            pre=tuple(migration.name for migration in missing if migration.phase is Phase.PRE),
            post=tuple(migration.name for migration in missing if migration.phase is Phase.POST),
        )

    def _applied_migrations(self) -> dict[int, bytes]:
        rows = self._database.rows("applied_migrations", {}, _Applied)
        return {row.version: row.checksum for row in rows}

    def _session_exists(self, params: Params) -> bool:
        return self._database.run("session_exists", params) == 1

    def wait_for_change(self, *, timeout_s: float) -> None:
        """Return at the next notification, or after `timeout_s`."""
        self._database.wait_for_notice("aiwebhook", timeout_s=timeout_s)
