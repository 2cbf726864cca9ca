"""The reaper: every minute, recovers from Postgres whatever was lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from aiwebhook.domain.attempt import OVERDUE_ERROR, REAPER_TICK_S, STALE, UNSTARTED_ERROR
from aiwebhook.domain.stopped_run import StoppedRun, decide_stop
from aiwebhook.errors import Unavailable
from aiwebhook.ports.changes import Changes, TaskChange
from aiwebhook.ports.messaging import DeliveryRinger, EventPublisher, OutboxRow, Waker
from aiwebhook.ports.queue_rows import AgentChanges, Remains
from aiwebhook.usecases.launch_run import STUCK_AFTER_S
from aiwebhook.usecases.post_outbox import post_outbox
from aiwebhook.usecases.publish_outbox import sweep_outbox
from aiwebhook.usecases.resolve_ended import resolve_ended
from aiwebhook.usecases.ring_due_deliveries import ring_due_deliveries

if TYPE_CHECKING:
    from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
    from aiwebhook.postgres.outbox_store import PostgresOutboxStore
    from aiwebhook.postgres.queue_store import PostgresQueueStore

BATCH = 100  # rows per statement: locks are held for milliseconds
ROUNDS = 50  # full batches per tick; the next tick continues
_NO_AGENTS = AgentChanges(went_offline=0, came_back=0)
WORKER_SILENT_S = 60  # a worker asks for work at least every 20 s


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaperServices:
    """The reaper's ports."""

    store: PostgresQueueStore
    outbox: PostgresOutboxStore
    waker: Waker
    publisher: EventPublisher
    deliveries: PostgresDeliveryStore
    ringer: DeliveryRinger
    random: Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReapReport:
    """What one tick did; field names are metric names."""

    tasks_released: int
    tasks_overdue: int
    dependencies_resolved: int
    tasks_due: int
    agents_rung: int
    agents_rung_later: int
    workers_offline: int
    agents_offline: int
    agents_back: int
    outbox_swept: int
    callbacks_rung: int
    rows_pruned: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def release_stale_tasks(services: ReaperServices) -> Changes:
    """End every expired lease: the task is retried, failed, or cancelled if that was requested."""
    return _in_batches(
        services,
        lambda past_locks: services.store.release_stale_tasks(
            STALE,
            unstarted=UNSTARTED_ERROR,
            randoms=[services.random() for _ in range(BATCH)],
            past_locks=past_locks,
        ),
    )


def fail_overdue_tasks(services: ReaperServices) -> Changes:
    """End every task whose deadline has passed, whatever its status."""
    return _in_batches(
        services,
        lambda past_locks: services.store.fail_overdue_tasks(
            OVERDUE_ERROR, limit=BATCH, past_locks=past_locks
        ),
    )


def resolve_open_dependencies(services: ReaperServices) -> Changes:
    """Resolve dependants of tasks that ended just before a crash."""
    tasks = services.store.open_dependencies(limit=BATCH)
    if not tasks:
        return Changes()
    return _in_batches(
        services,
        lambda past_locks: services.store.resolve_dependants(tasks, past_locks=past_locks),
        rounds=1,
    )


def ring_later(services: ReaperServices) -> int:
    """Send one delayed wake-up per agent for tasks that fall due before the next tick; returns how
    many. They are not stored: a lost one delays its task by a tick.
    """
    due = services.store.agents_due_soon(within_s=REAPER_TICK_S)
    for agent in due:
        try:
            services.waker.wake(
                project_id=agent.project_id,
                agent_name=agent.agent_name,
                delay_s=agent.wait_s,
                watch_s=REAPER_TICK_S - agent.wait_s,
            )
        except Unavailable:
            continue
    return len(due)


def reap(services: ReaperServices) -> ReapReport:
    """One tick. Every step is a guarded statement of its own, so two reapers at once do no harm,
    and a step that meets a locked row does not keep the others from running. Where a session is
    locked, those of the others are recovered. Raises Unavailable.
    """
    store = services.store
    released = release_stale_tasks(services)
    overdue = fail_overdue_tasks(services)
    resolved = resolve_open_dependencies(services)
    ready_due = partial(store.ready_due_tasks, limit=BATCH * ROUNDS)
    due, due_outbox = store.unless_locked(ready_due) or (0, ())
    workers = store.unless_locked(lambda: store.mark_workers_offline(silent_s=WORKER_SILENT_S)) or 0
    agents = store.unless_locked(lambda: store.mark_agents(project_id=None)) or _NO_AGENTS
    rung = store.ring_ready_agents(older_than_s=STUCK_AFTER_S)
    fresh = chain(released.outbox, overdue.outbox, resolved.outbox, due_outbox, agents.outbox, rung)
    _post(services, tuple(fresh))
    rung_later = ring_later(services)
    swept = store.unless_locked(
        lambda: sweep_outbox(services.outbox, services.waker, services.publisher)
    )
    return ReapReport(
        tasks_released=len(released.tasks),
        tasks_overdue=len(overdue.tasks),
        dependencies_resolved=len(resolved.tasks),
        tasks_due=due,
        agents_rung=len(rung),
        agents_rung_later=rung_later,
        workers_offline=workers,
        agents_offline=agents.went_offline,
        agents_back=agents.came_back,
        outbox_swept=swept.pushed if swept else 0,
        callbacks_rung=ring_due_deliveries(services.deliveries, services.ringer),
        rows_pruned=store.prune(limit=10_000),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReport:
    """The result for a stopped container: 1 if its run had not reported its own end."""

    runs_ended: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def end_stopped_run(services: ReaperServices, stop: StoppedRun) -> StopReport:
    """A container stopped: release its task at once, unless the run reported its own end.

    The runner exits only after its last report was answered, so an open attempt has no report in
    flight; should one arrive all the same, the epoch refuses it and the next attempt does the
    work. Raises Unavailable.
    """
    lease = services.store.attempt_lease(stop.attempt_id)
    if lease is None:
        return StopReport(runs_ended=0)
    changes = services.store.end_attempt(
        lease,
        decide_stop(stop),
        from_statuses=("claimed", "running"),
        remains=Remains(exit_code=stop.exit_code),
        random=services.random(),
    )
    if changes is None:
        return StopReport(runs_ended=0)
    _post(services, resolve_ended(services.store, changes))
    return StopReport(runs_ended=1)


def _in_batches(
    services: ReaperServices, step: Callable[[bool], Changes], *, rounds: int = ROUNDS
) -> Changes:
    """Everything that `step` changes, and what that leads to. From the first lock on, it is called
    with true, and passes over what others hold: the next tick tries that again.
    """
    tasks: list[TaskChange] = []
    outbox: list[OutboxRow] = []
    past_locks = False
    for _ in range(rounds):
        changes = services.store.unless_locked(partial(step, past_locks))
        if changes is None and not past_locks:
            past_locks = True
            changes = services.store.unless_locked(partial(step, past_locks))
        if changes is None:
            break
        tasks += changes.tasks
        outbox += resolve_ended(services.store, changes)
        if len(changes.tasks) < BATCH:
            break
    return Changes(tasks=tasks, outbox=outbox)


def _post(services: ReaperServices, rows: Sequence[OutboxRow]) -> None:
    post_outbox(services.store, rows, waker=services.waker, publisher=services.publisher)
