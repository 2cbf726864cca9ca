"""Retention: deletes expired data page by page, while the tick has time.

A walk covers all rows of one kind in a project, oldest first, and stops at the first that is too
young. It begins once a day; the next tick continues where one ended. Pending rows stay whatever
their age (the statements define pending); the next walk looks again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from aiwebhook.domain.retention import DEFAULT_DAYS, RetentionKind
from aiwebhook.ports.retention import PageOrder, Walk

if TYPE_CHECKING:
    from aiwebhook.postgres.retention_store import PostgresRetentionStore

WALKS = 100  # per tick


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """Rows per kind. `complete`: false if expired rows remain, for lack of time or because
    of a lock.
    """

    rows: Mapping[RetentionKind, int]
    complete: bool

    def as_dict(self) -> dict[str, int]:
        """For logs and metrics."""
        return {f"{kind}_pruned": self.rows.get(kind, 0) for kind in RetentionKind}


def retain(store: PostgresRetentionStore, *, has_time: Callable[[], bool]) -> Pruned:
    """Delete expired rows of all projects. A walk that meets a locked row waits there for the next
    tick; the others go on. Raises Unavailable.
    """
    rows = Counter[RetentionKind]()
    complete = True
    for walk in store.due_walks(limit=WALKS):
        if not has_time():
            return Pruned(rows=rows, complete=False)
        number, left = _walk(store, PageOrder(walk=walk, apply=True), has_time=has_time)
        if left != walk:
            # Locked: the walk begins again where it began now.
            store.unless_locked(partial(store.note_walk, walk, left.marker if left else None))
        rows[RetentionKind(walk.kind)] += number
        complete = complete and left is None
    return Pruned(rows=rows, complete=complete)


def prune(
    store: PostgresRetentionStore,
    *,
    project_id: str,
    apply: bool,
    has_time: Callable[[], bool],
) -> Pruned:
    """Delete expired rows of one project now. `apply` false: only count
    them. Raises Unavailable.
    """
    rows = dict.fromkeys(RetentionKind, 0)
    complete = True
    kept = effective_days(store, project_id=project_id)
    for kind, days in kept.items():
        if days is None:
            continue
        walk = Walk(project_id=project_id, kind=kind, days=days)
        order = PageOrder(walk=walk, apply=apply, delivery_days=kept[RetentionKind.DELIVERIES])
        rows[kind], left = _walk(store, order, has_time=has_time)
        complete = complete and left is None
    return Pruned(rows=rows, complete=complete)


def effective_days(
    store: PostgresRetentionStore, *, project_id: str
) -> Mapping[RetentionKind, int | None]:
    """How many days the project keeps each kind; None: for ever. Raises Unavailable."""
    rules = store.list_retention_rules(project_id=project_id)
    said = {
        RetentionKind(rule.kind): rule.days for rule in rules if rule.kind in set(RetentionKind)
    }
    return {kind: said.get(kind, days) for kind, days in DEFAULT_DAYS.items()}


def _walk(
    store: PostgresRetentionStore, order: PageOrder, *, has_time: Callable[[], bool]
) -> tuple[int, Walk | None]:
    """The number of rows, and the walk that remains; None: it is finished."""
    number, left = 0, order.walk
    while has_time():
        page = store.prune_page(replace(order, walk=left))
        if page is None:
            return number, left
        number += page.pruned
        if page.marker is None:
            return number, None
        left = replace(left, marker=page.marker)
    return number, left
