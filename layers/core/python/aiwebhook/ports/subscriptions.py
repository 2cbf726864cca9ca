"""What MCP clients follow: which events, from which position on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiwebhook.domain.control_message import ControlType, EndReason
from aiwebhook.domain.event_kind import EVENT_KINDS
from aiwebhook.domain.events_refusal import ErrorCodes
from aiwebhook.domain.occurrence import LoggedEvent
from aiwebhook.domain.quiet_hold import EventTiming
from aiwebhook.domain.subscription import SubscriptionKey
from aiwebhook.domain.wake_budget import Wakes
from aiwebhook.ports.deliveries import DueEvent
from aiwebhook.ports.observation import EventPosition, ProjectEventRow


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Event types, narrowed by the fields given; `facts` must equal those in the event's data."""

    types: Sequence[str]
    session_id: str | None = None
    task_id: str | None = None
    agent_name: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRange:
    """Behind `after`, written at `since` or later and before `before`, at most `limit`."""

    after: EventPosition
    limit: int
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingEvent(ProjectEventRow):
    """An event that a client follows, with what a user understands better than ids."""

    session_title: str | None
    agent_name: str | None
    by_itself: bool

    @property
    def logged(self) -> LoggedEvent:
        """In the form that occurrences are built from."""
        return LoggedEvent(
            event_id=self.event_id,
            type=self.type,
            created_at=self.created_at,
            session_id=self.session_id,
            seq=self.seq,
            task_id=self.task_id,
            data=self.data,
            session_title=self.session_title,
            agent_name=self.agent_name,
            by_itself=self.by_itself,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionStanding:
    """How many live subscriptions the principal has besides this one, whether this one is live, and
    whether its address need not be verified.
    """

    others: int
    live: bool
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscription:
    """A subscription to create or refresh; `key_id` is the key or connection that asks; `quiet`:
    its chat is not interrupted while it is in use (quiet_hold).
    """

    key: SubscriptionKey
    wanted: EventFilter
    key_id: str
    secret_box: bytes = field(repr=False)
    secret_mark: bytes = field(repr=False)
    grant_s: int
    quiet: bool
    codes: ErrorCodes


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRow:
    """A subscription that was created or refreshed. Events logged after `xid` are queued for it as
    they are written; earlier ones, whose transactions could not see it, must be replayed.
    """

    expires_at: datetime
    last_delivery_at: datetime | None
    last_error: str | None
    failed_since: datetime | None
    xid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionListing:
    """A subscription as its owners see it; `waiting`: how many events it has yet to receive."""

    subscription_id: str
    principal: str
    name: str
    arguments: Any
    host: str
    status: str
    waiting: int
    last_delivery_at: datetime | None
    last_error: str | None
    failed_since: datetime | None
    expires_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionMessage:
    """The exact bytes sent; `control`: a control message, not an event."""

    body: bytes
    control: ControlType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedSubscription:
    """A subscription that the server ended. Ring for `event_no`, so that its receiver is notified;
    None: nothing more is sent.
    """

    project_id: str
    event_no: int | None

    @property
    def due(self) -> Sequence[DueEvent]:
        """The event to ring for, if any."""
        if self.event_no is None:
            return ()
        return (DueEvent(project_id=self.project_id, event_no=self.event_no),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribedDelivery:
    """The data of a delivery to a subscription. `body`: as it was first built; `control`: a control
    message, not an event; `gap`: an event before it was not sent, and the receiver has yet to be
    informed. The receiver has everything up to position `settled_*`, or will not get it. `*_wakes`:
    how often the subscription and its principal were woken recently, `wake_depth`: how deep the
    event's task is (wake_budget). `by_itself`: the principal has delegated it.
    """

    delivery_id: str
    project_id: str
    subscription_id: str
    principal: str
    name: str
    secret_box: bytes = field(repr=False)
    previous_box: bytes | None = field(repr=False)
    body: bytes | None
    session_title: str | None
    settled_xid: str
    settled_no: int
    subscription_wakes: int
    principal_wakes: int
    wake_depth: int
    by_itself: bool
    quiet: bool
    written_at: datetime
    called_at: datetime | None
    sent_at: datetime | None
    replaced: bool
    control: str | None
    gap: bool
    codes: str
    ended_because: str | None
    ended: bool
    granted: bool
    allowed: bool

    @property
    def live(self) -> bool:
        """Whether its events may still be sent."""
        return self.granted and not self.ended and self.broken_by is None

    @property
    def broken_by(self) -> EndReason | None:
        """What must end it before its grant does."""
        if not self.allowed:
            return EndReason.REVOKED
        return None if self.name in EVENT_KINDS else EndReason.KIND_REMOVED

    @property
    def message(self) -> SubscriptionMessage | None:
        """The stored message."""
        if self.body is None:
            return None
        control = None if self.control is None else ControlType(self.control)
        return SubscriptionMessage(body=self.body, control=control)

    @property
    def timing(self) -> EventTiming:
        """The inputs to the decision when it is sent."""
        return EventTiming(
            quiet=self.quiet,
            written_at=self.written_at,
            called_at=self.called_at,
            sent_at=self.sent_at,
            replaced=self.replaced,
        )

    @property
    def wakes(self) -> Wakes:
        """The wake counts, in the form the budget takes."""
        return Wakes(
            subscription_id=self.subscription_id,
            of_subscription=self.subscription_wakes,
            principal=self.principal,
            of_principal=self.principal_wakes,
            depth=self.wake_depth,
        )
