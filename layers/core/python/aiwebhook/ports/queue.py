"""Port to the queue: who may run what, fenced by `lease_epoch`.

Guarded writes return None (or leave a row out) when the guard did not hold: the lease went to
somebody else, or the state changed. All methods raise Unavailable when the store is away. `outbox`
rows are committed; push them with usecases/post_outbox, what is not pushed is swept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from aiwebhook.domain.attempt import AttemptVerdict, RunError
from aiwebhook.domain.lease import RunLease
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.queue_rows import (
    AgentChanges,
    AgentRef,
    AttemptOutcome,
    Beat,
    Changes,
    ClaimedTask,
    ClaimOrder,
    Completion,
    ContextPage,
    DueSoon,
    Json,
    Recorded,
    Remains,
    RunArtifact,
    RunCheckpoint,
    RunMessage,
    RunWork,
    TaskRef,
    WorkerHeartbeat,
    WorkerSeen,
)


class LaunchStore(Protocol):
    """What the dispatcher needs."""

    def claim_tasks(self, order: ClaimOrder) -> tuple[ClaimedTask, ...]:
        """Claim within the cap, highest priority first, then fair turn, then age. A task whose row
        somebody is changing is passed over.
        """
        ...

    def due_soon(self, *, project_id: str, agent_name: str, within_s: int) -> DueSoon | None:
        """When the agent's next task falls due, if it does within so many seconds."""
        ...

    def ready_own_due_tasks(self, *, project_id: str, agent_names: Sequence[str]) -> None:
        """Those of these agents whose time has come may be claimed; nobody is rung."""
        ...

    def is_claimable(self, *, project_id: str, agent_name: str) -> bool:
        """Whether the agent has a task to be claimed, and room: after a claim that was not full, a
        task that was passed over.
        """
        ...

    def stuck_launching(
        self, *, project_id: str, agent_name: str, older_than_s: int, limit: int
    ) -> tuple[ClaimedTask, ...]:
        """Claimed tasks of whose launch nobody knows the outcome."""
        ...

    def mark_launched(self, *, project_id: str, attempt_id: str, runtime_ref: str) -> bool:
        """The runtime took the attempt. False: it was marked before, or has ended meanwhile; then
        its container is noted to be stopped.
        """
        ...

    def take_launch_tokens(self, wanted: int) -> int:
        """Take up to `wanted` launches of the account's bucket; negative: give unused ones back."""
        ...


class RunStore(Protocol):
    """What runs need."""

    def start_run(
        self, *, task_id: str, attempt_id: str, worker_id: str, lease_s: int
    ) -> RunLease | None:
        """claimed → running; repeatable by the same worker."""
        ...

    def run_work(self, lease: RunLease) -> RunWork | None:
        """What to work on."""
        ...

    def run_context(self, lease: RunLease, *, after: int, limit: int) -> ContextPage | None:
        """Session, up to `limit` chunks with seq > `after`; on the first page the memories."""
        ...

    def heartbeat(self, leases: Sequence[RunLease], *, lease_s: int) -> tuple[Beat, ...]:
        """Extend; a lost lease is left out."""
        ...

    def heartbeat_worker(
        self, *, project_id: str, worker_id: str, leases: Sequence[RunLease], lease_s: int
    ) -> WorkerHeartbeat:
        """The worker is here, and so are its runs; a lost lease, or one of another project,
        is left out.
        """
        ...

    def record_run_events(
        self, lease: RunLease, events: Sequence[Json], *, first_no: int | None, usage: Json | None
    ) -> Recorded | None:
        """Log progress in order; those up to the greatest number told so far are passed over.

        `first_no` is the attempt's own number of the first one, from 1; None: they are all new.
        `usage` is what the attempt has used so far, None: as before.
        """
        ...

    def run_messages(self, lease: RunLease, *, after: int) -> list[RunMessage] | None:
        """The next follow-ups with a greater number, in order; none means that there are none."""
        ...

    def save_checkpoint(self, lease: RunLease, checkpoint: RunCheckpoint) -> bool:
        """Replaces the one before. False: the lease is lost."""
        ...

    def run_output_schema(self, lease: RunLease) -> Json | None:
        """What the agent promises of its output; {} when it promises nothing."""
        ...

    def add_run_artifact(self, lease: RunLease, artifact: RunArtifact) -> Changes | None:
        """Store or replace by id; the same content again makes no event."""
        ...

    def complete_run(self, lease: RunLease, completion: Completion) -> Changes | None:
        """The terminal write of a success, memories included; None also when a follow-up came that
        the run has not seen.
        """
        ...

    def end_attempt(
        self,
        lease: RunLease,
        verdict: AttemptVerdict,
        *,
        from_statuses: Sequence[str],
        remains: Remains,
        random: float,
    ) -> Changes | None:
        """End an attempt without success; what comes of the task is in the change."""
        ...

    def attempt_outcome(self, lease: RunLease) -> AttemptOutcome | None:
        """How the attempt of this lease ended; None while it lasts."""
        ...

    def attempt_lease(self, attempt_id: str) -> RunLease | None:
        """The lease of an attempt."""
        ...

    def resolve_dependants(self, tasks: Sequence[TaskRef]) -> Changes:
        """Unblock or fail those that wait for these ended tasks (direct dependants)."""
        ...

    def touch_worker(self, worker: WorkerSeen) -> bool:
        """The worker is here; True when it was not before."""
        ...

    def mark_agents(self, *, project_id: str | None) -> AgentChanges:
        """Bring the live status of agents up to date; None: of all projects."""
        ...

    def report_agents(self, *, project_id: str, reasons: Mapping[str, str | None]) -> int:
        """Agent → why it cannot start, None when nothing is known; how many changed."""
        ...

    def ready_own_due_tasks(self, *, project_id: str, agent_names: Sequence[str]) -> None:
        """As in LaunchStore: for workers, who claim for themselves."""
        ...

    def claim_tasks(self, order: ClaimOrder) -> tuple[ClaimedTask, ...]:
        """As in LaunchStore: workers claim for themselves."""
        ...

    def settle_outbox(self, outbox_ids: Sequence[int]) -> None:
        """After the commit: forget what was pushed, wake the readers."""
        ...


class ReaperStore(Protocol):
    """What the reaper needs: one guarded statement each."""

    def release_stale_tasks(
        self,
        verdict: AttemptVerdict,
        *,
        unstarted: RunError,
        randoms: Sequence[float],
        agent: AgentRef | None = None,
    ) -> Changes:
        """End leases that ran out, at most one per random number; None: of all agents."""
        ...

    def fail_overdue_tasks(self, error: RunError, *, limit: int) -> Changes:
        """End tasks past their deadline."""
        ...

    def ready_due_tasks(self, *, limit: int) -> tuple[int, Sequence[OutboxRow]]:
        """Tasks whose time has come may be claimed."""
        ...

    def agents_due_soon(self, *, within_s: int) -> Sequence[DueSoon]:
        """Whose tasks fall due within so many seconds."""
        ...

    def open_dependencies(self, *, limit: int) -> tuple[TaskRef, ...]:
        """Ended tasks whose dependants were not told."""
        ...

    def resolve_dependants(self, tasks: Sequence[TaskRef]) -> Changes:
        """As in RunStore."""
        ...

    def ring_ready_agents(self, *, older_than_s: int) -> Sequence[OutboxRow]:
        """Wake-ups for agents with work and room, or with older launches of unknown outcome."""
        ...

    def settle_outbox(self, outbox_ids: Sequence[int]) -> None:
        """As in RunStore."""
        ...

    def mark_workers_offline(self, *, silent_s: int) -> int:
        """Workers not heard of for so long; how many."""
        ...

    def mark_agents(self, *, project_id: str | None) -> AgentChanges:
        """As in RunStore."""
        ...

    def prune(self, *, limit: int) -> int:
        """Forget what nobody may ask for any more; how many rows."""
        ...


class QueueStore(LaunchStore, RunStore, ReaperStore, Protocol):
    """The whole queue."""
