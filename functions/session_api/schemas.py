"""Requests and responses of the operations that are not commands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from aiwebhook.commands.fields import WHOLE, CallbackUrl, ClientId, Cursor, PlainLine, shown_as
from aiwebhook.domain.event import PUBLISHED, EventType
from aiwebhook.domain.identity import BURST, RATE_PER_MINUTE
from aiwebhook.domain.page import DEFAULT_PAGE, MAX_PAGE
from session_api.operation import ApiParams, ApiResult

Json = dict[str, Any]
PageLimit = Annotated[
    int, Field(ge=1, le=MAX_PAGE, description=f"How many at most, 1–{MAX_PAGE}."), WHOLE
]
Wait = Annotated[
    float,
    Field(
        ge=0, le=20, description="Hold the response for up to this many seconds until there is one."
    ),
]
NextPoll = Annotated[
    int,
    Field(
        ge=0,
        description="The request asked to be held, but was not: ask again after this many "
        "milliseconds.",
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
Description = Annotated[str, Field(max_length=500), PlainLine]

_NETWORK = "^[0-9A-Fa-f:.]{2,45}(/[0-9.]{1,15})?$"
Network = Annotated[str, Field(max_length=50, json_schema_extra=shown_as(_NETWORK))]


class PageParams(ApiParams):
    """One page of a list."""

    limit: PageLimit = DEFAULT_PAGE
    cursor: Cursor | None = None


class PageResult(ApiResult):
    """One page; `next_cursor` is null on the last one."""

    items: list[Json]
    next_cursor: str | None


class ConversationParams(ApiParams):
    """One page of what was said, oldest first."""

    limit: PageLimit = DEFAULT_PAGE
    after_seq: Annotated[
        int, Field(ge=0, le=2**62, description="Only chunks behind this seq."), WHOLE
    ] = 0


class ConversationResult(ApiResult):
    """Chunks in chronological order. A page ends early when its text is long."""

    items: list[Json]
    next_after_seq: int | None


class SessionEventsParams(ApiParams):
    """Events of a session behind a `seq`."""

    after_seq: Annotated[
        int, Field(ge=0, le=2**62, description="Only events behind this seq."), WHOLE
    ] = 0
    limit: PageLimit = MAX_PAGE
    wait: Wait = 0


class EventResult(ApiResult):
    """A change, in the order in which changes were committed."""

    id: str
    type: str
    time: datetime
    project_id: str
    session_id: str | None
    seq: int | None
    task_id: str | None
    data: Json


class SessionEventsResult(ApiResult):
    """Continue with `next_after_seq`. `truncated`, if present: events after `after_seq` have been
    deleted, or a restore went back to before it; `first_seq` is then the first event left.
    """

    items: list[EventResult]
    next_after_seq: int
    truncated: Literal[True] | None = None
    first_seq: int | None = None
    next_poll_ms: NextPoll | None = None


class EventsParams(ApiParams):
    """Events of the project behind a cursor; `latest` starts at the end."""

    after: Cursor | None = None
    types: EventTypes | None = None
    limit: PageLimit = MAX_PAGE
    wait: Wait = 0


class EventsResult(ApiResult):
    """Continue with `next_cursor`; it is present even on an empty page. `truncated`, if present:
    events after the cursor have been deleted, or a restore went back to before it.
    """

    items: list[EventResult]
    next_cursor: str
    truncated: Literal[True] | None = None
    next_poll_ms: NextPoll | None = None


class ItemsResult(ApiResult):
    """A whole list."""

    items: list[Json]


class EndpointParams(ApiParams):
    """Where to send events. Without event_types: all published types."""

    url: Url
    description: Description | None = None
    event_types: PublishedTypes = Field(default_factory=list)
    payload: Literal["thin", "full"] = "thin"


class EndpointChangeParams(ApiParams):
    """The fields to change."""

    url: Url | None = None
    description: Description | None = None
    event_types: PublishedTypes | None = None
    payload: Literal["thin", "full"] | None = None
    status: Literal["active", "disabled"] | None = None


class EndpointResult(ApiResult):
    """A callback endpoint. `secret` is returned once, at creation or rotation."""

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


class CallbackSecretResult(ApiResult):
    """`whsec_` and base64, as in Standard Webhooks; the same for all tasks of the project."""

    secret: str


class DeletedResult(ApiResult):
    """It was deleted."""

    deleted: str


class DeliveriesParams(PageParams):
    endpoint_id: ClientId | None = None
    task_id: ClientId | None = None
    status: Literal["pending", "delivered", "dead", "held"] | None = None


class DeliveryResult(ApiResult):
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


class DueResult(ApiResult):
    """The callback is queued."""

    delivery_id: str
    status: str


class KeyParams(ApiParams):
    """A new API key. cidrs empty: from any address. No expires_in_days: until revoked."""

    name: Annotated[str, Field(min_length=1, max_length=100), PlainLine]
    scopes: Annotated[
        list[Literal["commands", "read", "say", "worker", "admin"]],
        Field(min_length=1, max_length=5),
    ]
    cidrs: Annotated[list[Network], Field(max_length=50)] = Field(default_factory=list)
    rate_per_minute: Annotated[int, Field(ge=1, le=1_000_000), WHOLE] = RATE_PER_MINUTE
    burst: Annotated[int, Field(ge=1, le=1_000_000), WHOLE] = BURST
    expires_in_days: Annotated[int, Field(ge=1, le=3650), WHOLE] | None = None


class KeyRotationParams(ApiParams):
    """How long the old key stays valid, in seconds."""

    overlap_s: Annotated[int, Field(ge=0, le=7 * 86_400), WHOLE] = 86_400


class KeyResult(ApiResult):
    """An API key. `key` is returned once, at creation or rotation."""

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


class HealthResult(ApiResult):
    """The process answers."""

    status: Literal["ok"]


class ReadyResult(ApiResult):
    """The database answers and has this release's schema; `time` is this machine's clock.
    `feed_held_back_s`: for how long a transaction in flight has held back the project's events.
    `post_migrations_due`: how many migrations an operator runs once no older release is needed.
    """

    status: Literal["ready"]
    time: datetime
    feed_held_back_s: int
    post_migrations_due: int
