"""events/subscribe and events/unsubscribe: webhooks, once their receiver has agreed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aiwebhook.clock import rfc3339
from aiwebhook.domain.egress import EgressRefused, EgressTarget, parse_target
from aiwebhook.domain.event_kind import Follow
from aiwebhook.domain.events_refusal import EventsRefusal
from aiwebhook.domain.identity import Scope
from aiwebhook.domain.subscription import SubscriptionKey, grant_s, secret_bytes
from aiwebhook.usecases.subscribe import (
    Subscribed,
    SubscriptionOrder,
    TooMany,
    Unverified,
    subscribe,
    unsubscribe,
)
from session_api.mcp.events.following import Followed, followed
from session_api.mcp.events.place import place_of, since_of
from session_api.mcp.events.refusals import codes_of, events_error, invalid
from session_api.pages import cursor_at

if TYPE_CHECKING:
    from session_api.mcp.definition import RequestContext

Json = dict[str, Any]
_MODES = frozenset({"poll", "push"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _SubscriptionRequest:
    """A valid request: which events, and where to send them."""

    what: Followed
    delivery: Json
    target: EgressTarget
    key: SubscriptionKey


def subscribe_to_events(context: RequestContext) -> Json:
    """Implements definition.Method. Raises RpcError."""
    _require_to_subscribe(context)
    request = _read_request(context)
    cursor = place_of(context)
    order = SubscriptionOrder(
        key=request.key,
        wanted=request.what.wanted,
        key_id=context.caller.key_id,
        codes=codes_of(context),
        host=request.target.host,
        secret=_secret(request.delivery),
        grant_s=grant_s(context.params.get("ttlMs")),
        start=cursor,
        since=since_of(context) if cursor is not None else None,
    )
    done = subscribe(context.api.subscriptions, order)
    match done:
        case Subscribed():
            unreadable = cursor is None and context.params.get("cursor") is not None
            return _answer(request.key, done, truncated=done.truncated or unreadable)
        case TooMany():
            message = f"At most {done.most} {done.limit}."
            raise events_error(
                context,
                EventsRefusal.RESOURCE_EXHAUSTED,
                message,
                limit=done.limit,
                max=done.most,
            )
        case Unverified():
            message = "The callback URL did not send the challenge back."
            raise events_error(
                context, EventsRefusal.CALLBACK_ENDPOINT, message, reason=done.reason
            )


def unsubscribe_from_events(context: RequestContext) -> Json:
    """Implements definition.Method; repeating is harmless. Raises RpcError."""
    _require_to_subscribe(context)
    if not unsubscribe(context.api.subscriptions, _read_request(context).key):
        raise events_error(
            context, EventsRefusal.NOT_FOUND, "No such subscription.", kind="subscription"
        )
    return {}


def _require_to_subscribe(context: RequestContext) -> None:
    """Having the server post to an address of the client's choice takes more than the read
    scope. Raises RpcError.
    """
    if not context.caller.may(Scope.COMMANDS):
        message = f"Webhooks need the scope '{Scope.COMMANDS}'; without it, poll."
        raise events_error(context, EventsRefusal.FORBIDDEN, message)


def _read_request(context: RequestContext) -> _SubscriptionRequest:
    given = context.params.get("delivery")
    if not isinstance(given, dict):
        raise invalid("delivery must be an object")
    delivery = cast("Json", given)
    mode = delivery.get("mode", "webhook")
    if mode in _MODES:
        raise events_error(
            context,
            EventsRefusal.UNSUPPORTED,
            f"events/subscribe is for webhooks, not for {mode}.",
            feature="deliveryMode",
            value=mode,
        )
    if mode != "webhook":
        raise invalid('delivery.mode must be "webhook"')
    target = _target(context, delivery.get("url"))
    what = followed(context, Follow.WEBHOOK)
    key = SubscriptionKey(
        project_id=context.caller.project_id,
        principal=context.caller.principal,
        url=delivery["url"],
        name=what.kind.name,
        arguments=what.arguments,
    )
    return _SubscriptionRequest(what=what, delivery=delivery, target=target, key=key)


def _target(context: RequestContext, url: object) -> EgressTarget:
    if not isinstance(url, str):
        raise invalid("delivery.url must be text")
    target = parse_target(url, allow_loopback=context.api.subscriptions.allow_loopback)
    if isinstance(target, EgressRefused):
        raise invalid(f"delivery.url cannot be called: {target.reason}")
    if target.scheme != "https":
        raise invalid("delivery.url must be https")
    return target


def _secret(delivery: Json) -> bytes:
    given = delivery.get("secret")
    secret = secret_bytes(given) if isinstance(given, str) else None
    if secret is None:
        raise invalid("delivery.secret must be whsec_ and base64 of 24–64 bytes")
    return secret


def _answer(key: SubscriptionKey, done: Subscribed, *, truncated: bool) -> Json:
    row = done.row
    status: Json = {
        "active": True,  # even if deliveries failed before: subscribing again resumes them
        "lastDeliveryAt": None if row.last_delivery_at is None else rfc3339(row.last_delivery_at),
        "lastError": row.last_error,
    }
    if row.failed_since is not None:
        status["failedSince"] = rfc3339(row.failed_since)
    return {
        "id": key.subscription_id,
        "refreshBefore": rfc3339(row.expires_at),
        "cursor": cursor_at(done.position),
        "truncated": truncated,
        "deliveryStatus": status,
    }
