"""Retention rules and the walks that apply them. Each method runs the statement of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from psycopg.errors import ForeignKeyViolation, LockNotAvailable
from psycopg.types.json import Jsonb

from aiwebhook.domain.retention import DEFAULT_DAYS, PRUNE_EVERY_S, RetentionKind
from aiwebhook.ports.retention import Marker, PageOrder, PrunedPage, RetentionRule, Walk

if TYPE_CHECKING:
    from aiwebhook.postgres.database import Database
    from aiwebhook.postgres.flush import Params


Done = TypeVar("Done")


class PostgresRetentionStore:
    """All methods raise Unavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_retention_rules(self, *, project_id: str) -> list[RetentionRule]:
        """The rules that the project has set."""
        params = {"project_id": project_id}
        return self._database.rows("list_retention_rules", params, RetentionRule)

    def set_retention_rules(
        self, *, project_id: str, actor: str, days: Mapping[RetentionKind, int | None]
    ) -> None:
        """Set the rules of the kinds given; the others stay."""
        params = {
            "project_id": project_id,
            "actor": actor,
            "kinds": list(days),
            "days": list(days.values()),
            "data": Jsonb(dict(days)),
        }
        self._database.run("set_retention_rules", params)

    def due_walks(self, *, limit: int) -> list[Walk]:
        """Due walks of all projects, the one that has waited longest first."""
        params = {
            "kinds": list(DEFAULT_DAYS),
            "default_days": list(DEFAULT_DAYS.values()),
            "every_s": PRUNE_EVERY_S,
            "limit": limit,
        }
        return self._database.rows("due_walks", params, Walk)

    def note_walk(self, walk: Walk, marker: Marker | None) -> None:
        """Record where the next tick continues; None: the walk is over for today."""
        params = {
            "project_id": walk.project_id,
            "kind": walk.kind,
            "marker": None if marker is None else Jsonb(marker),
        }
        self._database.run("note_walk", params)

    def unless_locked(self, step: Callable[[], Done]) -> Done | None:
        """The result of `step`, which must not be in a transaction; None, with the statement that
        waited undone, when another transaction holds a lock it needs for too long.
        """
        try:
            return step()
        except LockNotAvailable:
            return None

    def prune_page(self, order: PageOrder) -> PrunedPage | None:
        """Delete one page; pending rows stay. None: a row stayed locked (`unless_locked`)."""
        return self.unless_locked(lambda: self._prune_page(order))

    def _prune_page(self, order: PageOrder) -> PrunedPage:
        params = {
            "project_id": order.walk.project_id,
            "days": order.walk.days,
            "marker": None if order.walk.marker is None else Jsonb(order.walk.marker),
            "limit": order.limit,
            "apply": order.apply,
            "delivery_days": order.delivery_days,
        }
        match RetentionKind(order.walk.kind):
            case RetentionKind.DELIVERIES:
                return self._prune_deliveries(params)
            case RetentionKind.EVENTS:
                return self._prune_events(params)
            case RetentionKind.ATTEMPTS:
                return self._prune_attempts(params)
            case RetentionKind.INBOUND_BODIES:
                return self._prune_inbound_bodies(params)
            case RetentionKind.INBOUND_DELIVERIES:
                return self._prune_inbound_deliveries(params)
            case RetentionKind.AUDIT:
                return self._prune_audit(params)

    def _prune_deliveries(self, params: Params) -> PrunedPage:
        return self._database.only("prune_deliveries", params, PrunedPage)

    def _prune_events(self, params: Params) -> PrunedPage:
        """Repeats the page if a session was deleted meanwhile."""
        return self._database.retrying(
            lambda: self._database.only("prune_events", params, PrunedPage),
            lost_by=ForeignKeyViolation,
        )

    def _prune_attempts(self, params: Params) -> PrunedPage:
        return self._database.only("prune_attempts", params, PrunedPage)

    def _prune_inbound_bodies(self, params: Params) -> PrunedPage:
        return self._database.only("prune_inbound_bodies", params, PrunedPage)

    def _prune_inbound_deliveries(self, params: Params) -> PrunedPage:
        return self._database.only("prune_inbound_deliveries", params, PrunedPage)

    def _prune_audit(self, params: Params) -> PrunedPage:
        return self._database.only("prune_audit", params, PrunedPage)
