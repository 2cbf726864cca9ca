"""The queue: who may run what, fenced by `lease_epoch`. It is designed for PostgreSQL (ADR 0015).
All methods of its stores raise Unavailable when the database is unavailable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from psycopg.types.json import Jsonb

from aiwebhook.domain.attempt import CANCELLED_ERROR, AttemptVerdict, RunError
from aiwebhook.domain.event import PUBLISHED
from aiwebhook.domain.idempotency import KEY_LIFE_S
from aiwebhook.domain.say_ending import for_statement
from aiwebhook.ports.changes import Changes, TaskRef
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.queue_rows import AgentRef, DueSoon
from aiwebhook.postgres.change_rows import ChangeRow, WaitingRow, changes_of
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.feed_store import PostgresFeedStore
from aiwebhook.postgres.flush import Call
from aiwebhook.postgres.launch_store import PostgresLaunchStore
from aiwebhook.postgres.outbox_rows import outbox_rows
from aiwebhook.postgres.retention_store import PostgresRetentionStore
from aiwebhook.postgres.run_store import PostgresRunStore, verdict_params

_ROUNDS = 50  # full batches per tick


@dataclass(frozen=True, slots=True, kw_only=True)
class _RungRow:
    outbox: list[dict[str, Any]]


class PostgresQueueStore(
    PostgresLaunchStore, PostgresRunStore, PostgresFeedStore, PostgresRetentionStore
):
    """All queue stores on one connection, with most of the reaper's statements."""

    def __init__(self, database: Database) -> None:
        published = sorted(kind.value for kind in PUBLISHED)
        PostgresLaunchStore.__init__(self, database, published=published)
        PostgresRunStore.__init__(self, database, published=published)

    def release_stale_tasks(
        self,
        verdict: AttemptVerdict,
        *,
        unstarted: RunError,
        randoms: Sequence[float],
        agent: AgentRef | None = None,
        past_locks: bool = False,
    ) -> Changes:
        """End expired leases, at most one per random number given; `agent` None: of all agents.
        `past_locks`: not those in sessions that another transaction holds.
        """
        params = {
            "project_id": agent and agent.project_id,
            "agent_name": agent and agent.agent_name,
            **verdict_params(verdict, randoms),
            "limit": len(randoms),
            "past_locks": past_locks,
            "error_lost": Jsonb(for_statement(verdict.error) if verdict.error else None),
            "error_unstarted": Jsonb(for_statement(unstarted)),
            "output": None,
            "usage": None,
            "exit_code": None,
            "notes": None,
            "published": self._published,
        }
        return changes_of(self._database.rows("release_stale_tasks", params, WaitingRow))

    def fail_overdue_tasks(
        self, error: RunError, *, limit: int, past_locks: bool = False
    ) -> Changes:
        """Fail tasks past their deadline, at most `limit`. `past_locks`: not those in sessions that
        another transaction holds.
        """
        params = {
            "error": Jsonb(for_statement(error)),
            "cancelled_error": Jsonb(for_statement(CANCELLED_ERROR)),
            "limit": limit,
            "past_locks": past_locks,
            "published": self._published,
        }
        return changes_of(self._database.rows("fail_overdue_tasks", params, ChangeRow))

    def ready_due_tasks(self, *, limit: int) -> tuple[int, Sequence[OutboxRow]]:
        """Make due tasks claimable."""
        return self._ready_due_tasks(project_id=None, agent_names=None, limit=limit)

    def agents_due_soon(self, *, within_s: int) -> Sequence[DueSoon]:
        """Agents with tasks that fall due within `within_s`."""
        return self._agents_due_soon(project_id=None, agent_name=None, within_s=within_s)

    def open_dependencies(self, *, limit: int) -> tuple[TaskRef, ...]:
        """Ended tasks whose dependants have not been resolved."""
        return tuple(self._database.rows("open_dependencies", {"limit": limit}, TaskRef))

    def ring_ready_agents(self, *, older_than_s: int) -> Sequence[OutboxRow]:
        """Wake-ups for agents with ready tasks and free slots, or with old launches
        of unknown outcome.
        """
        params = {"older_than_s": older_than_s}
        return outbox_rows(self._database.only("ring_ready_agents", params, _RungRow).outbox)

    def mark_workers_offline(self, *, silent_s: int) -> int:
        """Mark workers offline that have been silent for `silent_s` seconds; returns how many."""
        return self._database.run("mark_workers_offline", {"silent_s": silent_s})

    def prune(self, *, limit: int) -> int:
        """Delete what has expired and nobody may ask for any more; returns how many rows. Keeps up
        with idempotency keys at more than 8,000 a second.
        """
        page = {"limit": limit}
        each = (
            Call.run("prune_callback_hosts", page),
            Call.run("prune_workers", {}),
            Call.run("prune_tokens", page),
            Call.run("prune_connections", page),
            Call.run("prune_oauth_clients", page),
            Call.run("prune_door_limits", page),
            Call.run("prune_spoken_conversations", page),
            Call.run("prune_subscriptions", page),
            Call.run("prune_verifications", page),
        )
        # One transaction each: waiting for one table's lock must neither hold nor block the others.
        pruned = [self.unless_locked(partial(self._database.together, call)) for call in each]
        keys = self.unless_locked(lambda: self._prune_idempotency_keys(limit))
        return (keys or 0) + sum(rows for (rows,) in filter(None, pruned))

    def _prune_idempotency_keys(self, limit: int) -> int:
        pruned = 0
        for _ in range(_ROUNDS):
            params = {"limit": limit, "valid_s": KEY_LIFE_S}
            rows = self._database.run("prune_idempotency_keys", params)
            pruned += rows
            if rows < limit:
                break
        return pruned
