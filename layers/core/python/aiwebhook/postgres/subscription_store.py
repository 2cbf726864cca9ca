"""Subscriptions of MCP clients. Each method runs the statement of its name
and raises Unavailable.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from aiwebhook.domain.control_message import EndReason
from aiwebhook.domain.quiet_hold import APART_S
from aiwebhook.domain.signature import SECRET_OVERLAP_S
from aiwebhook.domain.subscription import MOST, VERIFIED_S, SubscriptionKey
from aiwebhook.domain.wake_budget import OF_PRINCIPAL, OF_SUBSCRIPTION
from aiwebhook.ports.deliveries import ClaimedDelivery, DueEvent
from aiwebhook.ports.observation import EventPosition
from aiwebhook.ports.subscriptions import (
    EndedSubscription,
    EventFilter,
    EventRange,
    MatchingEvent,
    NewSubscription,
    SubscribedDelivery,
    SubscriptionListing,
    SubscriptionMessage,
    SubscriptionRow,
    SubscriptionStanding,
)
from aiwebhook.postgres.database import Database


class PostgresSubscriptionStore:
    """Subscriptions within one project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def matching_events(
        self, *, project_id: str, connection: str, wanted: EventFilter, within: EventRange
    ) -> list[MatchingEvent]:
        """Matching events in the project's order, as a connection may see them; those of
        transactions still open are withheld.
        """
        params = {
            "project_id": project_id,
            "connection": connection,
            **_filter(wanted),
            "after_xid": within.after.xid,
            "after_no": within.after.event_no,
            "since": within.since,
            "before": within.before,
            "limit": within.limit,
        }
        return self._database.rows("matching_events", params, MatchingEvent)

    def subscription_standing(self, key: SubscriptionKey) -> SubscriptionStanding:
        """What decides about a request to subscribe."""
        params = {
            **_address(key),
            "subscription_id": key.subscription_id,
            "url": key.url,
            "valid_s": VERIFIED_S,
        }
        return self._database.only("subscription_standing", params, SubscriptionStanding)

    def keep_verification(self, key: SubscriptionKey) -> None:
        """Record that the address has passed its challenge."""
        self._database.run("keep_verification", _address(key))

    def subscribe(self, new: NewSubscription) -> SubscriptionRow | None:
        """Create or refresh; None: the principal already has as many subscriptions as it may."""
        params = {
            "project_id": new.key.project_id,
            "principal": new.key.principal,
            "subscription_id": new.key.subscription_id,
            "url": new.key.url,
            "name": new.key.name,
            "arguments": Jsonb(dict(new.key.arguments)),
            **_filter(new.wanted),
            "key_id": new.key_id,
            "secret_box": new.secret_box,
            "secret_mark": new.secret_mark,
            "grant_s": new.grant_s,
            "quiet": new.quiet,
            "codes": new.codes,
            "overlap_s": SECRET_OVERLAP_S,
            "most": MOST,
        }
        return self._database.row("subscribe", params, SubscriptionRow)

    def replay_events(
        self, key: SubscriptionKey, *, after: EventPosition, since: datetime | None, limit: int
    ) -> Sequence[DueEvent]:
        """Make matching events after a position due; returns the events to ring for."""
        params = {
            "project_id": key.project_id,
            "subscription_id": key.subscription_id,
            "after_xid": after.xid,
            "after_no": after.event_no,
            "since": since,
            "limit": limit,
        }
        return self._database.rows("replay_events", params, DueEvent)

    def settled_position(self, *, project_id: str, subscription_id: str) -> EventPosition | None:
        """The position before the oldest event that waits for the receiver; None: none waits."""
        params = {"project_id": project_id, "subscription_id": subscription_id}
        return self._database.row("settled_position", params, EventPosition)

    def wake_subscription(self, *, project_id: str, subscription_id: str) -> Sequence[DueEvent]:
        """Make deliveries that wait for the receiver due now; returns the events to ring for."""
        params = {"project_id": project_id, "subscription_id": subscription_id}
        return self._database.rows("wake_subscription", params, DueEvent)

    def unsubscribe(self, *, project_id: str, subscription_id: str) -> bool:
        """End it; False when there never was one, or it was deleted."""
        params = {"project_id": project_id, "subscription_id": subscription_id}
        return self._database.run("unsubscribe", params) == 1

    def end_subscription(
        self, *, project_id: str, subscription_id: str, reason: EndReason
    ) -> EndedSubscription | None:
        """End it on behalf of the server; None: there is no such subscription."""
        params = {"project_id": project_id, "subscription_id": subscription_id, "reason": reason}
        return self._database.row("end_subscription", params, EndedSubscription)

    def refill_wakes(self, *, project_id: str, subscription_id: str) -> bool:
        """Restore the wake budget of its principal; False when there is no such subscription."""
        params = {"project_id": project_id, "subscription_id": subscription_id}
        return self._database.run("refill_wakes", params) > 0

    def list_subscriptions(self, *, project_id: str) -> Sequence[SubscriptionListing]:
        """Subscriptions, newest first."""
        params = {"project_id": project_id}
        return self._database.rows("list_subscriptions", params, SubscriptionListing)

    def subscribed_deliveries(self, delivery_ids: Sequence[str]) -> Sequence[SubscribedDelivery]:
        """The data that the bodies of these deliveries are built from."""
        params = {
            "delivery_ids": list(delivery_ids),
            "subscription_window_s": OF_SUBSCRIPTION.window_s,
            "principal_window_s": OF_PRINCIPAL.window_s,
            "apart_s": APART_S,
        }
        return self._database.rows("subscribed_deliveries", params, SubscribedDelivery)

    def keep_bodies(self, messages: Mapping[str, SubscriptionMessage]) -> None:
        """Store messages by delivery; stored ones stay."""
        params = {
            "delivery_ids": list(messages),
            "bodies": [message.body for message in messages.values()],
            "controls": [message.control for message in messages.values()],
        }
        self._database.run("keep_bodies", params)

    def pass_over_deliveries(self, passed: Sequence[tuple[ClaimedDelivery, str]]) -> None:
        """Give up deliveries without sending them, each with a reason."""
        params = {
            "delivery_ids": [claimed.delivery_id for claimed, _ in passed],
            "leases": [claimed.leased_until for claimed, _ in passed],
            "reasons": [reason for _, reason in passed],
        }
        self._database.run("pass_over_deliveries", params)

    def give_up_told(
        self, *, project_id: str, connection: str, told: Collection[tuple[str, str]]
    ) -> None:
        """Give up deliveries of news that a tool has already shown the connection: task ids
        with event types.
        """
        params = {
            "project_id": project_id,
            "connection": connection,
            "task_ids": [task_id for task_id, _ in told],
            "types": [event_type for _, event_type in told],
        }
        self._database.run("give_up_told", params)

    def note_subscription(
        self, *, project_id: str, subscription_id: str, error: str | None, at: datetime
    ) -> None:
        """Record the outcome of an attempt."""
        params = {
            "project_id": project_id,
            "subscription_id": subscription_id,
            "failure": error,
            "at": at,
        }
        self._database.run("note_subscription", params)


def _address(key: SubscriptionKey) -> dict[str, Any]:
    return {
        "project_id": key.project_id,
        "principal": key.principal,
        "url_sha256": key.url_sha256,
    }


def _filter(wanted: EventFilter) -> dict[str, Any]:
    return {
        "types": list(wanted.types),
        "session_id": wanted.session_id,
        "task_id": wanted.task_id,
        "agent_name": wanted.agent_name,
        "facts": Jsonb(dict(wanted.facts)),
    }
