"""The queue on PostgreSQL: implements ports.queue.QueueStore."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.types.json import Jsonb

from aiwebhook.domain.attempt import CANCELLED_ERROR, RunError, Verdict
from aiwebhook.domain.ending import for_statement
from aiwebhook.domain.event import PUBLISHED
from aiwebhook.domain.idempotency import KEY_LIFE_S
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.queue_rows import AgentRef, Changes, DueSoon, TaskRef
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.launch_store import PostgresLaunchStore
from aiwebhook.postgres.outbox_rows import outbox_rows
from aiwebhook.postgres.run_store import PostgresRunStore, changes_of, verdict_params


class PostgresQueueStore(PostgresLaunchStore, PostgresRunStore):
    """All three roles over one connection; the reaper's statements are here."""

    def __init__(self, database: Database) -> None:
        published = sorted(kind.value for kind in PUBLISHED)
        PostgresLaunchStore.__init__(self, database, published=published)
        PostgresRunStore.__init__(self, database, published=published)

    def release_stale_tasks(
        self,
        verdict: Verdict,
        *,
        unstarted: RunError,
        randoms: Sequence[float],
        agent: AgentRef | None = None,
    ) -> Changes:
        """End leases that ran out, at most one per random number; None: of all agents."""
        params = {
            "project_id": agent and agent.project_id,
            "agent_name": agent and agent.agent_name,
            **verdict_params(verdict, randoms),
            "limit": len(randoms),
            "error_lost": Jsonb(for_statement(verdict.error) if verdict.error else None),
            "error_unstarted": Jsonb(for_statement(unstarted)),
            "output": None,
            "usage": None,
            "exit_code": None,
            "notes": None,
            "published": self._published,
        }
        return changes_of(self._database.dicts("release_stale_tasks", params))

    def fail_overdue_tasks(self, error: RunError, *, limit: int) -> Changes:
        """End tasks past their deadline."""
        params = {
            "error": Jsonb(for_statement(error)),
            "cancelled_error": Jsonb(for_statement(CANCELLED_ERROR)),
            "limit": limit,
            "published": self._published,
        }
        return changes_of(self._database.dicts("fail_overdue_tasks", params))

    def ready_due_tasks(self, *, limit: int) -> tuple[int, Sequence[OutboxRow]]:
        """Tasks whose time has come may be claimed."""
        params = {"project_id": None, "agent_names": None, "limit": limit}
        row = self._database.dicts("ready_due_tasks", params)[0]
        return row["readied"], outbox_rows(row["outbox"])

    def agents_due_soon(self, *, within_s: int) -> Sequence[DueSoon]:
        """Whose tasks fall due before the next tick."""
        params = {"project_id": None, "agent_name": None, "within_s": within_s}
        return self._database.rows("agents_due_soon", params, DueSoon)

    def open_dependencies(self, *, limit: int) -> tuple[TaskRef, ...]:
        """Ended tasks whose dependants were not told."""
        return tuple(self._database.rows("open_dependencies", {"limit": limit}, TaskRef))

    def ring_ready_agents(self, *, older_than_s: int) -> Sequence[OutboxRow]:
        """Wake-ups for agents with work and room, or with launches of unknown outcome."""
        row = self._database.dicts("ring_ready_agents", {"older_than_s": older_than_s})[0]
        return outbox_rows(row["outbox"])

    def mark_workers_offline(self, *, silent_s: int) -> int:
        """Workers not heard of for so long; how many."""
        return self._database.run("mark_workers_offline", {"silent_s": silent_s})

    def prune(self, *, limit: int) -> int:
        """Forget what nobody may ask for any more; how many rows."""
        keys = self._database.run("prune_idempotency_keys", {"limit": limit, "valid_s": KEY_LIFE_S})
        hosts = self._database.run("prune_callback_hosts", {"limit": limit})
        return keys + hosts + self._database.run("prune_workers", {})
