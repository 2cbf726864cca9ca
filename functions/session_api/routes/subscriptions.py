"""What MCP clients of the project follow by webhook, as its owners see it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from aiwebhook.domain.view import view
from aiwebhook.errors import NotFound
from aiwebhook.usecases.subscribe import end_subscription
from session_api.answer import Answer
from session_api.operation import Access, ApiCall, ApiResult, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


class SubscriptionResult(ApiResult):
    """A subscription; those that ended stay listed for a week. `waiting`: events that its receiver
    has not received yet.
    """

    subscription_id: str
    principal: str
    name: str
    arguments: dict[str, Any]
    host: str
    status: Literal["active", "suspended", "expired", "ended"]
    waiting: int
    last_delivery_at: datetime | None
    last_error: str | None
    failed_since: datetime | None
    expires_at: datetime
    created_at: datetime


class SubscriptionsResult(ApiResult):
    """The project's newest 500."""

    items: list[SubscriptionResult]


class SubscriptionEndedResult(ApiResult):
    """It has ended."""

    ended: str


class WakesRefilledResult(ApiResult):
    """The wakes of its owner are restored."""

    refilled: str


def list_all(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Newest first."""
    rows = api.subscriptions.store.list_subscriptions(project_id=call.caller.project_id)
    return Answer(body={"items": [view(row) for row in rows]})


def end(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """With all that waits for it; its client may subscribe again."""
    subscription_id = call.ids["subscription_id"]
    known = end_subscription(
        api.subscriptions, project_id=call.caller.project_id, subscription_id=subscription_id
    )
    if not known:
        raise _not_found(subscription_id)
    return Answer(body={"ended": subscription_id})


def refill(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Its wakes, and those of all that its principal follows."""
    subscription_id = call.ids["subscription_id"]
    known = api.subscriptions.store.refill_wakes(
        project_id=call.caller.project_id, subscription_id=subscription_id
    )
    if not known:
        raise _not_found(subscription_id)
    return Answer(body={"refilled": subscription_id})


def _not_found(subscription_id: str) -> NotFound:
    return NotFound(
        f"No subscription '{subscription_id}' in this project.", code="subscription_not_found"
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/v1/subscriptions",
        name="listSubscriptions",
        summary="Event subscriptions of the project's MCP clients, newest first.",
        tag="callbacks",
        access=Access.ADMIN,
        handle=list_all,
        returns=SubscriptionsResult,
    ),
    Operation(
        method="DELETE",
        path="/v1/subscriptions/{subscription_id}",
        name="endSubscription",
        summary="End a subscription and drop its pending events; its client may subscribe again.",
        tag="callbacks",
        access=Access.ADMIN,
        handle=end,
        once=True,
        returns=SubscriptionEndedResult,
    ),
    Operation(
        method="POST",
        path="/v1/subscriptions/{subscription_id}/refill",
        name="refillWakes",
        summary="Let a chat be woken again: restore the wakes of this subscription's owner.",
        tag="callbacks",
        access=Access.ADMIN,
        handle=refill,
        once=True,
        returns=WakesRefilledResult,
    ),
)
