"""The dispatcher's half of the queue: claims and launches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.queue_rows import AgentRef, ClaimedTask, ClaimOrder, DueSoon
from aiwebhook.ports.queue_state import QueueState
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call, Params
from aiwebhook.postgres.outbox_rows import outbox_rows

# Fargate's quota per account and region: beyond it RunTask is refused.
LAUNCH_BUCKET = {"bucket": "fargate", "burst": 100, "per_second": 20}

DUE_LIMIT = 500  # per statement; the next dispatch continues


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadiedRow:
    readied: int
    outbox: list[dict[str, Any]]


class PostgresLaunchStore:
    """The dispatcher's statements. All methods raise Unavailable."""

    def __init__(self, database: Database, *, published: list[str]) -> None:
        """`published`: the event types that go to SNS."""
        self._database = database
        self._published = published

    def claim_tasks(self, order: ClaimOrder) -> tuple[ClaimedTask, ...]:
        """Claim within the concurrency limit by priority, then fairly between sessions, then by
        age. A task whose row is locked is skipped.
        """
        params = {**asdict(order), "published": self._published}
        claim = Call.rows("claim_tasks", params, ClaimedTask)
        _, found = self._database.together(self._lock_agent(params), claim)
        return tuple(found)

    def _lock_agent(self, params: Params) -> Call[int]:
        return Call.run("lock_agent", params)

    def due_soon(self, *, project_id: str, agent_name: str, within_s: int) -> DueSoon | None:
        """In how many seconds the agent's next task falls due; None if not within `within_s`."""
        found = self._agents_due_soon(
            project_id=project_id, agent_name=agent_name, within_s=within_s
        )
        return found[0] if found else None

    def ready_own_due_tasks(self, *, project_id: str, agent_names: Sequence[str]) -> None:
        """Make due tasks of these agents claimable, without sending wake-ups."""
        self._ready_due_tasks(project_id=project_id, agent_names=list(agent_names), limit=DUE_LIMIT)

    def reserve_launches(
        self, agent: AgentRef, *, older_than_s: int, limit: int, settled: bool
    ) -> QueueState:
        """The state of the agent's queue, with at most `limit` launches reserved; none while leases
        are stale or tasks due, unless `settled`: those were handled. `older_than_s`: the age in
        seconds from which a launch counts as stuck. `claimable` includes tasks whose row is locked,
        which a claim skips.
        """
        params = {
            "project_id": agent.project_id,
            "agent_name": agent.agent_name,
            "older_than_s": older_than_s,
            "limit": limit,
            "settled": settled,
            **LAUNCH_BUCKET,
        }
        return self._database.only("reserve_launches", params, QueueState)

    def hand_back_launches(self, unused: int) -> None:
        """Return unused launches to the account's bucket."""
        self._database.run("hand_back_launches", {**LAUNCH_BUCKET, "unused": unused})

    def stuck_launching(
        self, *, project_id: str, agent_name: str, older_than_s: int, limit: int
    ) -> tuple[ClaimedTask, ...]:
        """Claimed tasks whose launch has no known outcome."""
        params = {
            "project_id": project_id,
            "agent_name": agent_name,
            "older_than_s": older_than_s,
            "limit": limit,
        }
        return tuple(self._database.rows("stuck_launching", params, ClaimedTask))

    def mark_launched(self, project_id: str, launches: Mapping[str, str]) -> int:
        """Record accepted launches (attempt → reference). Returns how many attempts continue. Not
        counted: those recorded before; those that have ended meanwhile or must be cancelled, whose
        containers are marked to be stopped.
        """
        params = {
            "project_id": project_id,
            "attempt_ids": list(launches),
            "runtime_refs": list(launches.values()),
        }
        cancelled = self._database.values("mark_launched", params, bool)
        going_on = cancelled.count(False)
        if going_on < len(launches):
            self._note_runs_to_stop(params)
        return going_on

    def _note_runs_to_stop(self, params: Params) -> None:
        self._database.run("note_runs_to_stop", params)

    def _agents_due_soon(
        self, *, project_id: str | None, agent_name: str | None, within_s: int
    ) -> list[DueSoon]:
        params = {"project_id": project_id, "agent_name": agent_name, "within_s": within_s}
        return self._database.rows("agents_due_soon", params, DueSoon)

    def _ready_due_tasks(
        self, *, project_id: str | None, agent_names: Sequence[str] | None, limit: int
    ) -> tuple[int, Sequence[OutboxRow]]:
        """Make due tasks claimable: of these agents; or of all, then with a wake-up for each."""
        params = {"project_id": project_id, "agent_names": agent_names, "limit": limit}
        row = self._database.only("ready_due_tasks", params, _ReadiedRow)
        return row.readied, outbox_rows(row.outbox)
