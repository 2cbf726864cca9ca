"""What resources ask and tell that no command covers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from aiwebhook.commands.fields import WHOLE, CallbackUrl, ClientId, Cursor, Line, shown_as
from aiwebhook.domain.event import PUBLISHED, EventType
from session_api.operation import Asked, Told

Json = dict[str, Any]
Limit = Annotated[int, Field(ge=1, le=100, description="At most so many, 1–100."), WHOLE]
Wait = Annotated[
    float,
    Field(
        ge=0, le=20, description="Hold the answer back up to so many seconds until there is one."
    ),
]
Url = Annotated[CallbackUrl, Field(description="https, a public domain name")]


def _one_of(known: Iterable[str]) -> tuple[AfterValidator, WithJsonSchema]:
    """One of the event catalogue's names: a type that is never published would never arrive."""
    names = sorted(str(name) for name in known)

    def check(value: str) -> str:
        if value not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return value

    return AfterValidator(check), WithJsonSchema({"type": "string", "enum": names})


EventTypes = Annotated[list[Annotated[str, *_one_of(EventType)]], Field(max_length=50)]
PublishedTypes = Annotated[list[Annotated[str, *_one_of(PUBLISHED)]], Field(max_length=50)]
Description = Annotated[str, Field(max_length=500), Line]

_NETWORK = "^[0-9A-Fa-f:.]{2,45}(/[0-9.]{1,15})?$"
Network = Annotated[str, Field(max_length=50, json_schema_extra=shown_as(_NETWORK))]


class PageAsked(Asked):
    """One page of a list."""

    limit: Limit = 20
    cursor: Cursor | None = None


class PageTold(Told):
    """One page; `next_cursor` is null on the last one."""

    items: list[Json]
    next_cursor: str | None


class ConversationAsked(Asked):
    """One page of what was said, oldest first."""

    limit: Limit = 20
    after_seq: Annotated[
        int, Field(ge=0, le=2**62, description="Only chunks behind this seq."), WHOLE
    ] = 0


class ConversationTold(Told):
    """Chunks in the order they were said. A page ends early when its text gets long."""

    items: list[Json]
    next_after_seq: int | None


class SessionEventsAsked(Asked):
    """Events of a session behind a `seq`."""

    after_seq: Annotated[
        int, Field(ge=0, le=2**62, description="Only events behind this seq."), WHOLE
    ] = 0
    limit: Limit = 100
    wait: Wait = 0


class EventTold(Told):
    """A change, in the order in which changes were committed."""

    id: str
    type: str
    time: datetime
    project_id: str
    session_id: str | None
    seq: int | None
    task_id: str | None
    data: Json


class SessionEventsTold(Told):
    """Go on with `next_after_seq`."""

    items: list[EventTold]
    next_after_seq: int


class EventsAsked(Asked):
    """Events of the project behind a cursor; `latest` starts at the end."""

    after: Cursor | None = None
    types: EventTypes | None = None
    limit: Limit = 100
    wait: Wait = 0


class EventsTold(Told):
    """Go on with `next_cursor`; it is there even when nothing came."""

    items: list[EventTold]
    next_cursor: str


class ItemsTold(Told):
    """A whole list."""

    items: list[Json]


class EndpointAsked(Asked):
    """Where events shall be told. No event_types: all published types."""

    url: Url
    description: Description | None = None
    event_types: PublishedTypes = Field(default_factory=list)
    payload: Literal["thin", "full"] = "thin"


class EndpointChangeAsked(Asked):
    """What shall change."""

    url: Url | None = None
    description: Description | None = None
    event_types: PublishedTypes | None = None
    payload: Literal["thin", "full"] | None = None
    status: Literal["active", "disabled"] | None = None


class EndpointTold(Told):
    """A callback endpoint. `secret` is told when it is made or rotated, and only then."""

    endpoint_id: str
    url: str
    description: str | None
    event_types: list[str]
    payload: str
    status: str
    disabled_reason: str | None
    secret_version: int
    previous_secret_until: datetime | None
    failures: int
    breaker_open_until: datetime | None
    created_at: datetime
    secret: str | None = None
    notice: str | None = None


class CallbackSecretTold(Told):
    """`whsec_` and base64: a secret of Standard Webhooks, the same for all tasks of the project."""

    secret: str


class DeletedTold(Told):
    """It is gone."""

    deleted: str


class DeliveriesAsked(PageAsked):
    """Which callbacks."""

    endpoint_id: ClientId | None = None
    task_id: ClientId | None = None
    status: Literal["pending", "delivered", "dead", "held"] | None = None


class DeliveryTold(Told):
    """A callback; `delivery_id` is its webhook-id. `log` has one object per attempt."""

    delivery_id: str
    event_no: int
    event_type: str
    task_id: str | None
    endpoint_id: str | None
    url: str
    status: str
    attempts: int
    next_attempt_at: datetime | None
    log: list[Json]
    created_at: datetime
    delivered_at: datetime | None


class DueTold(Told):
    """The callback is on its way."""

    delivery_id: str
    status: str


class KeyAsked(Asked):
    """A new API key. cidrs empty: from any address. No expires_in_days: until revoked."""

    name: Annotated[str, Field(min_length=1, max_length=100), Line]
    scopes: Annotated[
        list[Literal["commands", "read", "worker", "admin"]], Field(min_length=1, max_length=4)
    ]
    cidrs: Annotated[list[Network], Field(max_length=50)] = Field(default_factory=list)
    rate_per_minute: Annotated[int, Field(ge=1, le=1_000_000), WHOLE] = 600
    burst: Annotated[int, Field(ge=1, le=1_000_000), WHOLE] = 100
    expires_in_days: Annotated[int, Field(ge=1, le=3650), WHOLE] | None = None


class KeyRotationAsked(Asked):
    """How long the old key works on, in seconds."""

    overlap_s: Annotated[int, Field(ge=0, le=7 * 86_400), WHOLE] = 86_400


class KeyTold(Told):
    """An API key. `key` is told when it is made, and only then."""

    key_id: str
    name: str
    prefix: str
    scopes: list[str]
    cidrs: list[str]
    rate_per_minute: int
    burst: int
    expires_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime
    key: str | None = None
    notice: str | None = None


class HealthTold(Told):
    """The process answers."""

    status: Literal["ok"]


class ReadyTold(Told):
    """The database answers and has this release's schema; `time` is this machine's clock."""

    status: Literal["ready"]
    time: datetime
