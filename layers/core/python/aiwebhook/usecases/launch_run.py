"""The dispatcher: claims tasks within the concurrency limit and the launch quota, launches a run
for each, loses none; and stops runs that were cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from aiwebhook import observability
from aiwebhook.domain.attempt import STALE, UNSTARTED_ERROR
from aiwebhook.domain.lease import LeaseKeys
from aiwebhook.errors import Unavailable
from aiwebhook.ports.launcher import Launched, LaunchRefused, LaunchRequest, TaskLauncher
from aiwebhook.ports.messaging import EventPublisher, Waker
from aiwebhook.ports.queue_rows import AgentRef, ClaimedTask, ClaimOrder, Remains
from aiwebhook.ports.queue_state import QueueState
from aiwebhook.ports.run_stops import RunStopper
from aiwebhook.usecases.post_outbox import post_outbox
from aiwebhook.usecases.resolve_ended import resolve_ended
from aiwebhook.usecases.stop_runs import stop_runs

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore
    from aiwebhook.postgres.run_stop_store import PostgresRunStopStore

BATCH = (
    10  # tasks per claim: keeps the lock short; a crash leaves at most ten for the next dispatcher
)
STUCK_AFTER_S = 30  # a launch takes a second or two; after this it was abandoned
CHANGE_PAUSE_S = 0.05  # a change locks its rows for some milliseconds
REFILL_PAUSE_S = 0.5  # the bucket gains ten launches meanwhile


class LaunchOutcome(StrEnum):
    """How one launch ended, as the dispatcher logs it."""

    LAUNCHED = "launched"
    """The runtime accepted it."""
    REFUSED = "refused"
    """The runtime refused it; the task returned to the queue, or failed."""
    UNKNOWN = "unknown"
    """No answer: the attempt stays `launching` and is launched again under the same token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchedRun:
    """One launch: ids, outcome, seconds. No payload, so it may be logged."""

    claimed: ClaimedTask
    outcome: LaunchOutcome
    relaunched: bool
    reason: str

    @property
    def launched(self) -> bool:
        """The runtime accepted the run."""
        return self.outcome is LaunchOutcome.LAUNCHED

    def as_log(self) -> dict[str, str | int | bool]:
        """Ids and numbers, no payload."""
        return {
            "correlation_id": self.claimed.correlation_id,
            "project_id": self.claimed.project_id,
            "session_id": self.claimed.session_id,
            "task_id": self.claimed.task_id,
            "agent_name": self.claimed.agent_name,
            "attempt_id": self.claimed.attempt_id,
            "attempt": self.claimed.attempt,
            "outcome": self.outcome.value,
            "relaunched": self.relaunched,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchServices:
    """The dispatcher's ports. `pause` waits for the given seconds. `keys` may raise Unavailable."""

    store: PostgresQueueStore
    stops: PostgresRunStopStore
    launcher: TaskLauncher
    stopper: RunStopper
    waker: Waker
    publisher: EventPublisher
    keys: Callable[[], LeaseKeys]
    launch_timeout_s: int
    random: Callable[[], float]
    pause: Callable[[float], None]


@dataclass(slots=True, kw_only=True)
class _Dispatch:
    """One pass over one agent's queue."""

    services: DispatchServices
    project_id: str
    agent_name: str
    runs: list[LaunchedRun] = field(default_factory=list[LaunchedRun])

    @property
    def refused(self) -> bool:
        """Whether the runtime is refusing launches at the moment."""
        return not all(run.launched for run in self.runs)

    @property
    def agent(self) -> AgentRef:
        """The agent whose queue this is."""
        return AgentRef(project_id=self.project_id, agent_name=self.agent_name)

    def reserve(self) -> QueueState:
        """The state of the queue with launches reserved for it, after stopping cancelled runs,
        releasing stale leases and readying due tasks.
        """
        found = self._reserve(settled=False)
        if found.stops:
            self._stop()
        if not (found.stale or found.due):
            return found
        store, names = self.services.store, [self.agent_name]
        if found.stale:
            _release_stale(self.services, self.agent)
        store.ready_own_due_tasks(project_id=self.project_id, agent_names=names)
        return self._reserve(settled=True)

    def relaunch(self, limit: int) -> int:
        """Repeat unfinished launches first: their tasks have waited longest. Returns how many."""
        stuck = self.services.store.stuck_launching(
            project_id=self.project_id,
            agent_name=self.agent_name,
            older_than_s=STUCK_AFTER_S,
            limit=limit,
        )
        return self._launch(stuck, relaunched=True)

    def claim(self, limit: int) -> int:
        """Claim and launch up to `limit` tasks; returns how many. The claim's lock is released
        before the first launch.
        """
        order = ClaimOrder(
            project_id=self.project_id,
            agent_name=self.agent_name,
            limit=limit,
            lease_s=self.services.launch_timeout_s,
        )
        return self._launch(self.services.store.claim_tasks(order), relaunched=False)

    def _reserve(self, *, settled: bool) -> QueueState:
        return self.services.store.reserve_launches(
            self.agent, older_than_s=STUCK_AFTER_S, limit=BATCH, settled=settled
        )

    def _stop(self) -> None:
        """Stop cancelled runs; the reaper retries those that could not be stopped."""
        stopped = stop_runs(self.services.stops, self.services.stopper)
        observability.count("runs_stopped", stopped.runs_stopped)

    def _launch(self, batch: Sequence[ClaimedTask], *, relaunched: bool) -> int:
        """Launch one after the other. Accepted launches are recorded in one statement, even when a
        later launch raises.
        """
        taken: dict[str, str] = {}
        try:
            for claimed in batch:
                run, runtime_ref = launch_run(self.services, claimed, relaunched=relaunched)
                self.runs.append(run)
                if runtime_ref is not None:
                    taken[claimed.attempt_id] = runtime_ref
        finally:
            if taken:
                going_on = self.services.store.mark_launched(self.project_id, taken)
                if going_on < len(taken):
                    self._stop()
        return len(batch)


def dispatch_tasks(
    services: DispatchServices,
    *,
    project_id: str,
    agent_name: str,
    time_left: Callable[[], float],
    watch_s: int = 0,
) -> tuple[LaunchedRun, ...]:
    """Launch what may run now, tasks that have just fallen due included: unfinished launches
    first, then new claims, until the queue is empty, the concurrency limit is reached, or the
    time is up. `watch_s`: wake this queue again for the next task due within so many seconds,
    and keep watching.

    A message means "look for tasks". Finding none is a normal end that uses none of the account's
    launches; so is the limit, because the end of a run wakes the queue. Whatever is raised, a
    claimed task stays `launching` and the next dispatch finds it. Raises Unavailable.
    """
    services.keys()  # before any claim: without the secret no run can be launched
    _watch(services, project_id, agent_name, watch_s)
    dispatch = _Dispatch(services=services, project_id=project_id, agent_name=agent_name)
    while time_left() > 0 and not dispatch.refused:
        found = dispatch.reserve()
        wanted = min(found.stuck + found.claimable, BATCH)
        if wanted == 0:
            return tuple(dispatch.runs)
        if found.launches == 0:
            services.pause(REFILL_PAUSE_S)
            continue
        used = _spend(dispatch, found)
        if used < found.launches:
            services.store.hand_back_launches(found.launches - used)
            services.pause(
                CHANGE_PAUSE_S
            )  # passed over by the claim, or taken by another dispatcher
        elif used == wanted < BATCH:
            return tuple(dispatch.runs)  # tasks queued since have sent their own wake-up
    if not dispatch.refused:
        services.waker.wake(
            project_id=project_id, agent_name=agent_name
        )  # there may be more: continue in a new turn
    return tuple(dispatch.runs)


def _spend(dispatch: _Dispatch, found: QueueState) -> int:
    """Use the reserved launches; returns how many were used."""
    used = dispatch.relaunch(found.launches) if found.stuck else 0
    if used < found.launches and not dispatch.refused and found.claimable:
        used += dispatch.claim(found.launches - used)
    return used


def _watch(services: DispatchServices, project_id: str, agent_name: str, watch_s: int) -> None:
    """Wake the queue later. Done before any launch: a dispatch that fails is repeated, and at
    worst wakes twice.
    """
    if watch_s <= 0:
        return
    due = services.store.due_soon(project_id=project_id, agent_name=agent_name, within_s=watch_s)
    if due is not None:
        services.waker.wake(
            project_id=project_id,
            agent_name=agent_name,
            delay_s=due.wait_s,
            watch_s=watch_s - due.wait_s,
        )


def _release_stale(services: DispatchServices, agent: AgentRef) -> None:
    """Release leases of this agent that expired between two ticks of the reaper, which sent a
    wake-up for them.
    """
    changes = services.store.release_stale_tasks(
        STALE, unstarted=UNSTARTED_ERROR, randoms=[services.random()] * BATCH, agent=agent
    )
    if changes.tasks:
        outbox = resolve_ended(services.store, changes)
        post_outbox(services.store, outbox, waker=services.waker, publisher=services.publisher)


def launch_run(
    services: DispatchServices, claimed: ClaimedTask, *, relaunched: bool
) -> tuple[LaunchedRun, str | None]:
    """Launch one claimed run, idempotent by its attempt. Returns the runtime's reference, to be
    recorded, if it accepted. Raises only when the database is unavailable.
    """
    request = LaunchRequest(
        attempt_id=claimed.attempt_id,
        project_id=claimed.project_id,
        task_id=claimed.task_id,
        agent_name=claimed.agent_name,
        bootstrap_code=services.keys().bootstrap_code(claimed.attempt_id),
        correlation_id=claimed.correlation_id,
    )

    def told(outcome: LaunchOutcome, reason: str = "") -> LaunchedRun:
        return LaunchedRun(claimed=claimed, outcome=outcome, relaunched=relaunched, reason=reason)

    try:
        answer = services.launcher.launch(request)
    except Unavailable as exc:
        return told(LaunchOutcome.UNKNOWN, exc.detail), None
    if isinstance(answer, Launched):
        return told(LaunchOutcome.LAUNCHED), answer.runtime_ref
    _hand_back(services, claimed, answer)
    return told(LaunchOutcome.REFUSED, answer.reason), None


def _hand_back(services: DispatchServices, claimed: ClaimedTask, refused: LaunchRefused) -> None:
    """Return a refused task to the queue. No row changes when the attempt has ended meanwhile,
    which is fine.
    """
    changes = services.store.end_attempt(
        claimed.lease,
        refused.verdict(),
        from_statuses=("claimed",),
        remains=Remains(),
        random=services.random(),
    )
    if changes is not None:
        outbox = resolve_ended(services.store, changes)
        post_outbox(services.store, outbox, waker=services.waker, publisher=services.publisher)
