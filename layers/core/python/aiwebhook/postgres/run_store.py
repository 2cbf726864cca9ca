"""The runs' half of the queue: every statement is fenced by `lease_epoch`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from aiwebhook.domain.attempt import CANCELLED_ERROR, AttemptVerdict
from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.say_ending import for_statement
from aiwebhook.ports.changes import Changes, TaskRef
from aiwebhook.ports.queue_rows import (
    AgentChanges,
    AgentRef,
    AttemptOutcome,
    ExtendedLease,
    Json,
    Recorded,
    Remains,
    RunArtifact,
    RunCheckpoint,
    RunWork,
    WorkerHeartbeat,
    WorkerPresence,
    WorkerSeen,
)
from aiwebhook.ports.run_reports import CompletedRuns, RunReport
from aiwebhook.postgres.announcing import PostgresAnnouncing
from aiwebhook.postgres.change_rows import CompletedRow, WaitingRow, changes_of
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.dependants import PostgresDependants
from aiwebhook.postgres.flush import Call, Params
from aiwebhook.postgres.locked import RowLocked
from aiwebhook.postgres.outbox_rows import outbox_rows
from aiwebhook.postgres.run_reads import PostgresRunReads
from aiwebhook.postgres.run_rows import (
    AddedArtifactRow,
    HeartbeatRow,
    MarkedAgentsRow,
    SettledOutboxRow,
    lease_arrays,
)


def json_or_null(value: object) -> Jsonb | None:
    """A jsonb parameter; None is SQL's null, not JSON's."""
    return None if value is None else Jsonb(value)


def verdict_params(verdict: AttemptVerdict, randoms: Sequence[float]) -> dict[str, Any]:
    """Parameters of parts/end_attempts.sql."""
    return {
        "cancelled": verdict.cancelled,
        "charged": verdict.charged,
        "retryable": verdict.retryable,
        "attempt_status": verdict.attempt_status,
        "ladder": list(verdict.ladder),
        "randoms": list(randoms),
        "cancelled_error": Jsonb(for_statement(CANCELLED_ERROR)),
    }


class PostgresRunStore(PostgresRunReads, PostgresAnnouncing, PostgresDependants):
    """What runs need, except claiming. None, or a row left out, means that the lease is lost or the
    state has changed. `outbox` rows are committed; push them with usecases/post_outbox.
    """

    def __init__(self, database: Database, *, published: list[str]) -> None:
        """`published`: the event types that go to SNS."""
        self._database = database
        self._published = published

    def start_run(
        self, *, task_id: str, attempt_id: str, worker_id: str, lease_s: int
    ) -> RunWork | None:
        """claimed → running; returns the task's input. The same worker may repeat it."""
        params = {
            "task_id": task_id,
            "attempt_id": attempt_id,
            "worker_id": worker_id,
            "lease_s": lease_s,
            "published": self._published,
        }
        call = Call.row("start_run", params, RunWork)
        # None may mean that another try of the same worker came first: now it is visible.
        return self._write_and_announce(call) or self._write_and_announce(call)

    def heartbeat(self, leases: Sequence[RunLease], *, lease_s: int) -> tuple[ExtendedLease, ...]:
        """Extend the leases; lost ones are left out."""
        params = {**lease_arrays(leases), "lease_s": lease_s}
        return tuple(self._database.rows("heartbeat", params, ExtendedLease))

    def heartbeat_worker(
        self, *, project_id: str, worker_id: str, leases: Sequence[RunLease], lease_s: int
    ) -> WorkerHeartbeat:
        """Record that the worker is alive and extend its leases; those lost or of another project
        are left out. RowLocked when another transaction holds one of the tasks: then the leases of
        the others were extended.
        """
        own = [lease for lease in leases if lease.project_id == project_id]
        own.sort(key=lambda lease: lease.task_id)  # as complete_runs locks them
        params = {
            "project_id": project_id,
            "worker_id": worker_id,
            "task_ids": [lease.task_id for lease in own],
            "lease_epochs": [lease.lease_epoch for lease in own],
            "lease_s": lease_s,
            "past_locks": False,
        }
        try:
            rows = self._database.rows("heartbeat_worker", params, HeartbeatRow)
        except RowLocked:
            past_locks = {**params, "past_locks": True}
            self._database.rows("heartbeat_worker", past_locks, HeartbeatRow)
            raise
        beats = tuple(beat for row in rows if (beat := row.found))
        return WorkerHeartbeat(beats=beats, came_online=any(row.came_online for row in rows))

    def record_run_events(
        self, lease: RunLease, events: Sequence[Json], *, first_no: int | None, usage: Json | None
    ) -> Recorded | None:
        """Append events in order; those numbered up to the highest stored are skipped. `first_no`
        is the attempt's own number of the first event, from 1; None: all are new. `usage` is the
        attempt's usage so far; None: unchanged.
        """
        params = {
            **asdict(lease),
            "events": Jsonb(list(events)),
            "first_no": first_no,
            "usage": json_or_null(usage),
            "published": self._published,
        }
        return self._write_and_announce(Call.row("record_run_events", params, Recorded))

    def save_checkpoint(self, lease: RunLease, checkpoint: RunCheckpoint) -> bool:
        """Replace the checkpoint. False: the lease is lost."""
        params = {**asdict(lease), **asdict(checkpoint), "data": Jsonb(checkpoint.data)}
        return self._database.run("save_checkpoint", params) == 1

    def add_run_artifact(self, lease: RunLease, artifact: RunArtifact) -> Changes | None:
        """Insert or replace by id; the same content again makes no event."""
        params = {
            **asdict(lease),
            **asdict(artifact),
            "metadata": Jsonb(artifact.metadata),
            "published": self._published,
        }
        row = self._database.row("add_run_artifact", params, AddedArtifactRow)
        return None if row is None else Changes(outbox=outbox_rows(row.outbox))

    def complete_runs(self, reports: Sequence[RunReport]) -> CompletedRuns:
        """Write reported successes, memories included, in one commit. A report is left out if its
        lease is lost, or if a follow-up arrived that its run has not seen.
        """
        if not reports:
            return CompletedRuns(leases=(), changes=Changes())
        calls = [self._complete_run_with_memories(one) for one in reports if one.has_memories]
        plain = [one for one in reports if not one.has_memories]
        if plain:
            calls.append(self._complete_runs(plain))
        locks = [self._lock_runs(reports)] if len(calls) > 1 else []
        # Two runs of a session may write the next version of one memory at once: the second meets a
        # unique violation, and sees the new version when it is retried.
        told = self._database.retrying(
            lambda: self._database.together(*locks, *calls), lost_by=UniqueViolation
        )
        found = told[len(locks) :]
        changes = [changes_of(rows) for rows in found]
        return CompletedRuns(
            leases=tuple(row.lease for rows in found for row in rows),
            changes=Changes(
                tasks=tuple(task for one in changes for task in one.tasks),
                outbox=tuple(row for one in changes for row in one.outbox),
            ),
        )

    def _lock_runs(self, reports: Sequence[RunReport]) -> Call[int]:
        return Call.run("lock_runs", lease_arrays([one.lease for one in reports]))

    def _complete_runs(self, reports: Sequence[RunReport]) -> Call[list[CompletedRow]]:
        params = self._reported(reports)
        return Call.rows("complete_runs", params, CompletedRow)

    def _complete_run_with_memories(self, report: RunReport) -> Call[list[CompletedRow]]:
        completion = report.completion
        params = {
            **self._reported([report]),
            "memories": Jsonb([asdict(memory) for memory in completion.memories]),
            "forget": list(completion.forget),
        }
        return Call.rows("complete_run_with_memories", params, CompletedRow)

    def _reported(self, reports: Sequence[RunReport]) -> Params:
        # In key order, like every statement that locks several tasks.
        ordered = sorted(reports, key=lambda one: (one.lease.project_id, one.lease.task_id))
        return {
            **lease_arrays([one.lease for one in ordered]),
            "completions": [Jsonb(one.completion.kept()) for one in ordered],
            "published": self._published,
        }

    def end_attempt(
        self,
        lease: RunLease,
        verdict: AttemptVerdict,
        *,
        from_statuses: Sequence[str],
        remains: Remains,
        random: float,
    ) -> Changes | None:
        """End an attempt without success; the change has the task's new status."""
        params = {
            **asdict(lease),
            **verdict_params(verdict, [random]),
            "from_statuses": list(from_statuses),
            "error": json_or_null(verdict.error and for_statement(verdict.error, verdict)),
            "output": json_or_null(remains.output),
            "usage": json_or_null(remains.usage),
            "exit_code": remains.exit_code,
            "notes": json_or_null(remains.notes),
            "published": self._published,
        }
        rows = self._database.rows("end_attempt", params, WaitingRow)
        return changes_of(rows) if rows else None

    def attempt_outcome(self, lease: RunLease) -> AttemptOutcome | None:
        """How the attempt of this lease ended; None while it runs."""
        return self._database.row("attempt_outcome", asdict(lease), AttemptOutcome)

    def attempt_lease(self, attempt_id: str) -> RunLease | None:
        return self._database.row("attempt_lease", {"attempt_ids": [attempt_id]}, RunLease)

    def resolve_dependants(self, tasks: Sequence[TaskRef], *, past_locks: bool = False) -> Changes:
        """Unblock or fail the direct dependants of these ended tasks. `past_locks`: not those that
        another transaction holds, or their sessions.
        """
        rows = self._resolve_dependants(
            project_ids=[task.project_id for task in tasks],
            task_ids=[task.task_id for task in tasks],
            past_locks=past_locks,
        )
        return changes_of(rows)

    def touch_worker(self, worker: WorkerSeen) -> WorkerPresence:
        """Record that the worker is alive, unless it has left since its claim began."""
        params = {
            "project_id": worker.project_id,
            "worker_id": worker.worker_id,
            "agents": list(worker.agents),
            "all_agents": worker.all_agents,
            "details": json_or_null(worker.details),
            "connected_at": worker.connected_at,
        }
        return self._database.only("touch_worker", params, WorkerPresence)

    def leave_worker(self, *, project_id: str, worker_id: str) -> None:
        """Take the worker offline until it claims anew: claims that it still has under way get no
        task from now on, and those that got one have committed.
        """
        params = {"project_id": project_id, "worker_id": worker_id}
        self._database.together(
            self._lock_agents_of_worker(params), Call.run("leave_worker", params)
        )

    def _lock_agents_of_worker(self, params: Params) -> Call[int]:
        return Call.run("lock_agents_of_worker", params)

    def mark_agents(self, *, project_id: str | None) -> AgentChanges:
        """Update the live status of agents; None: of all projects."""
        row = self._database.only("mark_agents", {"project_id": project_id}, MarkedAgentsRow)
        return AgentChanges(
            went_offline=row.went_offline,
            came_back=row.came_back,
            outbox=outbox_rows(row.outbox),
        )

    def report_agents(self, *, project_id: str, reasons: Mapping[str, str | None]) -> int:
        """Set why each agent cannot start (None: no reason is known); returns how many changed."""
        reports = [{"agent_name": name, "reason": reason} for name, reason in reasons.items()]
        params = {"project_id": project_id, "reports": Jsonb(reports)}
        return self._database.run("report_agents", params)

    def settle_outbox(
        self, outbox_ids: Sequence[int], *, got_room: Sequence[AgentRef]
    ) -> tuple[AgentRef, ...]:
        """After the commit: delete pushed rows and notify readers; returns the agents of `got_room`
        that have a claimable task.
        """
        params = {
            "outbox_ids": list(outbox_ids),
            "project_ids": [agent.project_id for agent in got_room],
            "agent_names": [agent.agent_name for agent in got_room],
        }
        row = self._database.only("settle_outbox", params, SettledOutboxRow)
        return tuple(AgentRef(**agent) for agent in row.with_work)
