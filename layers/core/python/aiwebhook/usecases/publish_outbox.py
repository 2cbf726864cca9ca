"""Pushes committed outbox rows to SQS and SNS: at once by the writer, later by
the reaper's sweep.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwebhook.domain.event import REPORTED
from aiwebhook.errors import Unavailable
from aiwebhook.ports.messaging import EventPublisher, MessageRefused, OutboxRow, Waker

if TYPE_CHECKING:
    from aiwebhook.postgres.outbox_store import PostgresOutboxStore

INLINE_BUDGET_S = 0.3  # a caller waits for this; the sweep takes what is left
SWEEP_AGE_S = 5.0  # younger rows are still being pushed by their writer
_BATCH = 10  # the most SNS takes in one call
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What one sweep did. `refused`: rows that were refused singly. `finished`: it saw
    every stale row.
    """

    pushed: int
    refused: int
    finished: bool


class _Budget:
    """Seconds that may be spent. Checked between calls, so the last call may exceed it."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until = monotonic() + seconds

    def left(self) -> bool:
        return self._monotonic() < self._until


def push_outbox(
    rows: Sequence[OutboxRow],
    *,
    waker: Waker,
    publisher: EventPublisher,
    budget_s: float = INLINE_BUDGET_S,
    monotonic: Callable[[], float] = time.monotonic,
) -> tuple[int, ...]:
    """Push rows; returns the ids of those that may be deleted. Never raises: the sweep
    takes the rest.

    Wake-ups go first: a run waits for them, and one serves all rows of its queue. Then events that
    a caller waits for (the end of a task), regardless of the budget; then the rest within it.
    """
    if not rows:
        return ()
    budget = _Budget(budget_s, monotonic)
    woken = _push_wakes(rows, waker, budget)
    if all(row.kind == "wake" for row in rows):
        return tuple(woken)
    published = _push_publishes(rows, publisher, budget).pushed
    return (*woken, *published)


def sweep_outbox(  # noqa: PLR0913 - two ports, a store and a budget
    store: PostgresOutboxStore,
    waker: Waker,
    publisher: EventPublisher,
    limit: int = 5_000,
    *,
    budget_s: float = 20.0,
    monotonic: Callable[[], float] = time.monotonic,
) -> Sweep:
    """Push rows older than five seconds and delete them, including rows lost in a crash of the
    server. Raises Unavailable when the database is unavailable.

    It reads on past refused rows, so that no poison row blocks the rest. Two sweeps at once push
    twice, which receivers tolerate; deleting before the push would lose rows instead.
    """
    budget = _Budget(budget_s, monotonic)
    pushed = refused = after = 0
    store.refill_outbox()
    while pushed + refused < limit:
        rows = store.stale_outbox(older_than_s=SWEEP_AGE_S, after=after, limit=_PAGE)
        if not rows:
            store.note_outbox_progress()
            return Sweep(pushed=pushed, refused=refused, finished=True)
        woken = _push_wakes(rows, waker, budget)
        publishes = _push_publishes(rows, publisher, budget)
        store.delete_outbox([*woken, *publishes.pushed])
        pushed += len(woken) + len(publishes.pushed)
        refused += publishes.refused
        if publishes.away or not budget.left():
            break
        after = _ids(rows)[-1]
    return Sweep(pushed=pushed, refused=refused, finished=False)


def _push_wakes(rows: Sequence[OutboxRow], waker: Waker, budget: _Budget) -> list[int]:
    queues: dict[tuple[int, str, str], list[OutboxRow]] = {}
    for row in rows:
        if row.kind == "wake" and row.destination is not None:
            queues.setdefault((row.delay_s, row.project_id, row.destination), []).append(row)
    pushed: list[OutboxRow] = []
    for delay_s, project_id, agent_name in sorted(queues, key=lambda queue: queue[0]):
        if not budget.left():
            break
        try:
            waker.wake(project_id=project_id, agent_name=agent_name, delay_s=delay_s)
        except Unavailable:
            continue  # one queue may be missing while others work; the budget bounds the attempts
        pushed += queues[delay_s, project_id, agent_name]
    return _ids(pushed)


def _ids(rows: Iterable[OutboxRow]) -> list[int]:
    return [row.outbox_id for row in rows if row.outbox_id is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Publishes:
    pushed: list[int]
    refused: int
    away: bool


def _push_publishes(
    rows: Sequence[OutboxRow], publisher: EventPublisher, budget: _Budget
) -> _Publishes:
    # A row whose event is gone (its project was deleted) has nothing to publish.
    pushed = _ids(row for row in rows if row.kind == "publish" and row.event is None)
    refused = 0
    waiting = sorted((row for row in rows if row.event is not None), key=_is_patient)
    for batch in _batches(waiting):
        if _is_patient(batch[0]) and not budget.left():
            break
        outcome = _push_batch(batch, publisher, budget)
        pushed += outcome.pushed
        refused += outcome.refused
        if outcome.away:
            return _Publishes(pushed=pushed, refused=refused, away=True)
    return _Publishes(pushed=pushed, refused=refused, away=False)


def _is_patient(row: OutboxRow) -> bool:
    """False for events that a caller waits for: they are pushed first, and not
    left to the sweep.
    """
    return row.event is None or row.event.type not in REPORTED


def _push_batch(
    batch: Sequence[OutboxRow], publisher: EventPublisher, budget: _Budget
) -> _Publishes:
    """Publish a batch; a refused one again row by row, so that only the offending row stays."""
    try:
        publisher.publish([row.event for row in batch if row.event is not None])
    except MessageRefused:
        if len(batch) == 1:
            return _Publishes(pushed=[], refused=1, away=False)
    except Unavailable:
        return _Publishes(pushed=[], refused=0, away=True)
    else:
        return _Publishes(pushed=_ids(batch), refused=0, away=False)
    pushed: list[int] = []
    refused = 0
    for row in batch:
        if not budget.left():
            break
        outcome = _push_batch([row], publisher, budget)
        pushed += outcome.pushed
        refused += outcome.refused
        if outcome.away:
            return _Publishes(pushed=pushed, refused=refused, away=True)
    return _Publishes(pushed=pushed, refused=refused, away=False)


def _batches(rows: Sequence[OutboxRow]) -> Iterator[Sequence[OutboxRow]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
