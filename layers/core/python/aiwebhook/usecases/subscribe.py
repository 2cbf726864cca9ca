"""Creates, refreshes and ends the subscriptions of MCP clients."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from aiwebhook.clock import Clock
from aiwebhook.domain.control_message import EndReason
from aiwebhook.domain.events_refusal import ErrorCodes
from aiwebhook.domain.secret_box import NONCE_BYTES as BOX_NONCE_BYTES
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.domain.subscription import MOST, SubscriptionKey
from aiwebhook.errors import Unavailable
from aiwebhook.ports.deliveries import CallbackSender, DueEvent
from aiwebhook.ports.messaging import DeliveryRinger
from aiwebhook.ports.observation import EventPosition, FeedPosition, ObservationStore
from aiwebhook.ports.subscriptions import EventFilter, NewSubscription, SubscriptionRow
from aiwebhook.usecases.long_poll import long_poll
from aiwebhook.usecases.oauth_services import DoorLimit
from aiwebhook.usecases.subscription_message import Receiver
from aiwebhook.usecases.verify_callback import CHALLENGE_BYTES, verify_callback

if TYPE_CHECKING:
    from aiwebhook.postgres.oauth_store import PostgresOAuthStore
    from aiwebhook.postgres.subscription_store import PostgresSubscriptionStore

MOST_REPLAYED = 1_000
"""How many earlier events a new subscription gets; if there are more, it is `truncated`."""
CHALLENGES = DoorLimit(what="challenge to", burst=60, per_hour=600)
_OLDER_WRITERS_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionServices:
    """The dependencies of subscribing. `sender`, `box` and `ringer` are called only when needed."""

    store: PostgresSubscriptionStore
    log: ObservationStore
    doors: PostgresOAuthStore
    sender: Callable[[], CallbackSender]
    box: Callable[[], SecretBox]
    ringer: Callable[[], DeliveryRinger]
    clock: Clock
    randomness: Callable[[int], bytes]
    allow_loopback: bool
    quiet_hosts: frozenset[str] = frozenset()
    """Hosts of receivers whose chats are not interrupted while in use."""
    codes: ErrorCodes | None = None
    """The error codes for all clients; None: those of the specification that each one follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionOrder:
    """What a client asks for. `start`: its position in the log; None: only new events."""

    key: SubscriptionKey
    wanted: EventFilter
    key_id: str
    codes: ErrorCodes
    host: str
    secret: bytes = field(repr=False)
    grant_s: int
    start: FeedPosition | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A subscription. `truncated`: events behind its cursor may be missing."""

    row: SubscriptionRow
    position: EventPosition
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TooMany:
    """Refused: the limit named `limit` is reached."""

    limit: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """Refused: the address did not return the challenge."""

    reason: str


def subscribe(
    services: SubscriptionServices, order: SubscriptionOrder
) -> Subscribed | TooMany | Unverified:
    """Create or refresh. The address is challenged outside any transaction, before anything is
    written. Raises Unavailable.
    """
    key = order.key
    standing = services.store.subscription_standing(key)
    if standing.others >= MOST:
        return TooMany(limit="subscriptions", most=MOST)
    if not standing.verified and (refusal := _verify(services, order)) is not None:
        return refusal
    # Read first: whatever happens from here on comes after it.
    here = services.log.newest_event_position()
    row = services.store.subscribe(_sealed(services, order))
    if row is None:
        return TooMany(limit="subscriptions", most=MOST)
    if standing.live:
        return _refreshed(services, key, row, here)
    return _begun(services, order, row, here)


def end_subscription(
    services: SubscriptionServices, *, project_id: str, subscription_id: str
) -> bool:
    """End it for an administrator, and notify its receiver; False when there never was
    one. Raises Unavailable.
    """
    ended = services.store.end_subscription(
        project_id=project_id, subscription_id=subscription_id, reason=EndReason.ENDED
    )
    if ended is not None:
        _ring(services, ended.due)
    return ended is not None


def unsubscribe(services: SubscriptionServices, key: SubscriptionKey) -> bool:
    """End it; False when there never was one. Raises Unavailable."""
    return services.store.unsubscribe(
        project_id=key.project_id, subscription_id=key.subscription_id
    )


def _verify(
    services: SubscriptionServices, order: SubscriptionOrder
) -> TooMany | Unverified | None:
    key = order.key
    if not CHALLENGES.take(services.doors, f"{order.host} for {key.project_id}"):
        return TooMany(limit="challenges", most=CHALLENGES.per_hour)
    receiver = Receiver(subscription_id=key.subscription_id, url=key.url, secrets=(order.secret,))
    reason = verify_callback(
        services.sender(),
        receiver,
        nonce=services.randomness(CHALLENGE_BYTES),
        at=services.clock(),
    )
    if reason is not None:
        return Unverified(reason=reason)
    services.store.keep_verification(key)
    return None


def _sealed(services: SubscriptionServices, order: SubscriptionOrder) -> NewSubscription:
    box, purpose = services.box(), order.key.subscription_id
    nonce = services.randomness(BOX_NONCE_BYTES)
    return NewSubscription(
        key=order.key,
        wanted=order.wanted,
        key_id=order.key_id,
        secret_box=box.seal(purpose, order.secret, nonce=nonce),
        secret_mark=box.mark(purpose, order.secret),
        grant_s=order.grant_s,
        quiet=order.host in services.quiet_hosts,
        codes=order.codes,
    )


def _refreshed(
    services: SubscriptionServices,
    key: SubscriptionKey,
    row: SubscriptionRow,
    here: EventPosition,
) -> Subscribed:
    """The subscription was alive, so it missed nothing; deliveries waiting for its receiver are
    tried at once.
    """
    settled = services.store.settled_position(
        project_id=key.project_id, subscription_id=key.subscription_id
    )
    _ring(
        services,
        services.store.wake_subscription(
            project_id=key.project_id, subscription_id=key.subscription_id
        ),
    )
    return Subscribed(row=row, position=settled or here, truncated=False)


def _begun(
    services: SubscriptionServices,
    order: SubscriptionOrder,
    row: SubscriptionRow,
    here: EventPosition,
) -> Subscribed:
    """Transactions still open do not see the new subscription: their events are delivered after
    they commit, with those behind the client's cursor.
    """
    start = order.start or here
    complete = long_poll(
        lambda: _passed(services.log, row.xid), signal=services.log, wait_s=_OLDER_WRITERS_S
    )
    due = services.store.replay_events(
        order.key, after=start, since=order.since, limit=MOST_REPLAYED
    )
    _ring(services, due)
    lost = order.start is not None and order.start.truncated
    truncated = lost or complete is None or len(due) == MOST_REPLAYED
    return Subscribed(row=row, position=start, truncated=truncated)


def _passed(log: ObservationStore, xid: str) -> bool | None:
    return int(log.newest_event_position().xid) > int(xid) or None


def _ring(services: SubscriptionServices, due: Iterable[DueEvent]) -> None:
    with suppress(Unavailable):  # the reaper rings for whatever is due
        for event in due:
            services.ringer().ring(project_id=event.project_id, event_no=event.event_no)
