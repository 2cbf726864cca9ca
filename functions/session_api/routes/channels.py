# reason: one resource
"""Channels: a client follows what comes in from where it stood, alone or with others in reserve."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from aiwebhook.commands.fields import WHOLE, Cursor, Moment, PlainLine
from aiwebhook.domain.answer_size import fitting
from aiwebhook.domain.inbound_payload import MAX_TOLD
from aiwebhook.domain.view import view
from aiwebhook.errors import Conflict, NotFound
from aiwebhook.ports.channels import ChannelDelivery, ChannelFilter, ChannelRow
from aiwebhook.ports.observation import EventPosition
from aiwebhook.usecases.granted_waits import granted_poll
from session_api.answer import Answer, Json
from session_api.operation import Access, ApiCall, ApiParams, ApiResult, Operation
from session_api.pages import cursor_at, event_position, paced
from session_api.schemas import DeletedResult, NextPoll, Wait

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_CHANNEL = "/v1/channels/{channel}"
LEASE_SECONDS = 30
Told = Annotated[str, Field(min_length=1, max_length=MAX_TOLD), PlainLine]
Epoch = Annotated[
    int, Field(ge=1, le=2**62, description="The lease_epoch of the client's claim."), WHOLE
]
_OF_THE_ROW = frozenset({"xid", "event_no", "body", "body_sha256"})


class ChannelClaimParams(ApiParams):
    """`holder` identifies this client alone. A new channel starts with what arrives from now on,
    with what arrived `since`, or after a `cursor` that the client kept; an existing one resumes at
    its position, unless `since` rewinds it.
    """

    holder: Annotated[str, Field(min_length=8, max_length=100), PlainLine]
    lease_s: Annotated[int, Field(ge=2, le=300), WHOLE] = LEASE_SECONDS
    since: Moment | None = None
    cursor: (
        Annotated[
            Cursor, Field(description="Position to start at if the channel no longer exists.")
        ]
        | None
    ) = None


class ChannelResult(ApiResult):
    """Who holds the channel, until when, and its position (`cursor`). The holder sends
    `lease_epoch` when it reads or acknowledges.
    """

    channel: str
    cursor: str
    lease_epoch: int
    holder: str
    leased_until: datetime
    moved_at: datetime


class ChannelsResult(ApiResult):
    """The project's channels, by name."""

    items: list[ChannelResult]


class ChannelDeliveriesParams(ApiParams):
    """What comes next on a channel, for its holder."""

    lease_epoch: Epoch
    limit: Annotated[int, Field(ge=1, le=20, description="How many at most, 1–20."), WHOLE] = 10
    wait: Wait = 0
    source: Annotated[Told, Field(description="Of this source.")] | None = None
    event: Annotated[Told, Field(description="Of this event, as its sender calls it.")] | None = (
        None
    )
    action: Annotated[Told, Field(description="With this `action` in the payload.")] | None = None
    repository: Annotated[Told, Field(description="About this owner/name.")] | None = None


class ChannelDeliveriesResult(ApiResult):
    """Deliveries in order of arrival, as GET /v1/inbound/… returns them, each with the `cursor` to
    acknowledge when it is done. `next_cursor` is past everything that was examined.
    """

    items: list[Json]
    next_cursor: str
    truncated: bool
    next_poll_ms: NextPoll | None = None


class ChannelAckParams(ApiParams):
    """Everything up to `cursor` is done. With `failure`, the delivery is recorded as failed, so
    that it can be replayed.
    """

    lease_epoch: Epoch
    cursor: Cursor
    delivery_id: Annotated[str, Field(max_length=128)] | None = None
    failure: Annotated[str, Field(max_length=300), PlainLine] | None = None


class ChannelAckResult(ApiResult):
    """The channel's position is past it."""

    acknowledged: str


class ChannelReleaseParams(ApiParams):
    lease_epoch: Epoch


class ChannelReleasedResult(ApiResult):
    """The lease has ended, or had ended before."""

    released: str


def claim(api: SessionApi, call: ApiCall, params: ChannelClaimParams) -> Answer:
    """The channel, leased to this client."""
    project_id = call.caller.project_id
    begin = api.observations.newest_event_position()
    if params.cursor is not None:
        begin = event_position(params.cursor, pointer="/cursor")
    if params.since is not None:
        since = api.channels.position_since(project_id=project_id, since=params.since)
        begin = since or begin
    held = api.channels.claim_channel(
        project_id=project_id,
        channel=call.ids["channel"],
        holder=params.holder,
        lease_s=params.lease_s,
        begin=begin,
        rewind=params.since is not None,
    )
    if held is None:
        raise _taken(call.ids["channel"])
    return Answer(body=_shown(held))


def list_all(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """By name."""
    rows = api.channels.list_channels(project_id=call.caller.project_id)
    return Answer(body={"items": [_shown(row) for row in rows]})


def list_deliveries(api: SessionApi, call: ApiCall, params: ChannelDeliveriesParams) -> Answer:
    """What comes next; `wait` holds the response until there is something."""
    project_id = call.caller.project_id
    held = _found(api, call)
    if held.lease_epoch != params.lease_epoch:
        raise _taken(held.channel)
    start = api.observations.feed_position(project_id=project_id, after=held.position)
    wanted = ChannelFilter(
        source=params.source,
        event=params.event,
        action=params.action,
        repository=params.repository,
    )
    polled = granted_poll(
        lambda: (
            api.channels.channel_deliveries(
                project_id=project_id, after=start, wanted=wanted, limit=params.limit
            )
            or None
        ),
        waits=api.waits,
        asked=call.follows(0 if start.truncated else params.wait),
        signal=api.observations,
    )
    rows = polled.found
    found = [_delivery(api, project_id, row) for row in rows or () if row.delivery_id]
    items = fitting(found)
    behind: EventPosition = start
    if rows and len(items) == len(found):
        behind = EventPosition(xid=rows[-1].xid, event_no=rows[-1].event_no)
    next_cursor = items[-1]["cursor"] if len(items) < len(found) else cursor_at(behind)
    body: Json = {"items": items, "next_cursor": next_cursor, "truncated": start.truncated}
    return Answer(body=body | ({} if rows else paced(polled)))


def acknowledge(api: SessionApi, call: ApiCall, params: ChannelAckParams) -> Answer:
    """The channel's position is past it."""
    moved = api.channels.acknowledge_delivery(
        project_id=call.caller.project_id,
        channel=call.ids["channel"],
        lease_epoch=params.lease_epoch,
        behind=event_position(params.cursor, pointer="/cursor"),
        delivery_id=params.delivery_id,
        failure=params.failure,
    )
    if not moved:
        raise _taken(_found(api, call).channel)
    return Answer(body={"acknowledged": params.cursor})


def release(api: SessionApi, call: ApiCall, params: ChannelReleaseParams) -> Answer:
    """End the lease; harmless where another holds it."""
    channel = call.ids["channel"]
    api.channels.release_channel(
        project_id=call.caller.project_id, channel=channel, lease_epoch=params.lease_epoch
    )
    return Answer(body={"released": channel})


def delete(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Delete it: a client that claims it again starts with what comes from then on."""
    channel = call.ids["channel"]
    if not api.channels.delete_channel(project_id=call.caller.project_id, channel=channel):
        raise _unknown(channel)
    return Answer(body={"deleted": channel})


def _delivery(api: SessionApi, project_id: str, row: ChannelDelivery) -> Json:
    shown: dict[str, Any] = view(row, without=_OF_THE_ROW)
    shown["cursor"] = cursor_at(EventPosition(xid=row.xid, event_no=row.event_no))
    digest = row.body_sha256 or b""
    body = None if row.body is None else base64.b64encode(row.body).decode("ascii")
    url = api.blobs.presign_get(project_id=project_id, sha256=digest) if body is None else None
    return shown | {"body_sha256": digest.hex(), "body_base64": body, "body_url": url}


def _shown(row: ChannelRow) -> Json:
    shown = view(row, without=frozenset({"xid", "event_no", "channel"}))
    return {"channel": row.channel, "cursor": cursor_at(row.position), **shown}


def _found(api: SessionApi, call: ApiCall) -> ChannelRow:
    channel = call.ids["channel"]
    for found in api.channels.list_channels(project_id=call.caller.project_id, channel=channel):
        return found
    raise _unknown(channel)


def _unknown(channel: str) -> NotFound:
    return NotFound(f"No channel '{channel}' in this project.", code="channel_not_found")


def _taken(channel: str) -> Conflict:
    return Conflict(f"Another client holds channel '{channel}'.", code="channel_taken")


def _row(
    method_and_path: str,
    name: str,
    summary: str,
    handle: Any,  # noqa: ANN401 as Operation has it
    shapes: tuple[type[ApiParams] | None, type[ApiResult]],
) -> Operation:
    method, path = method_and_path.split(" ")
    return Operation(
        method=method,
        path=path,
        name=name,
        summary=summary,
        tag="webhooks",
        access=Access.READ if method == "GET" else Access.COMMANDS,
        handle=handle,
        params=shapes[0],
        returns=shapes[1],
        once=method != "GET",
    )


OPERATIONS: tuple[Operation, ...] = (
    _row(
        "GET /v1/channels",
        "listChannels",
        "List channels and their positions.",
        list_all,
        (None, ChannelsResult),
    ),
    _row(
        f"POST {_CHANNEL}/claim",
        "claimChannel",
        "Take a channel, or renew the lease on it.",
        claim,
        (ChannelClaimParams, ChannelResult),
    ),
    _row(
        f"GET {_CHANNEL}/deliveries",
        "listChannelDeliveries",
        "What comes next on a channel; wait holds the response until there is something.",
        list_deliveries,
        (ChannelDeliveriesParams, ChannelDeliveriesResult),
    ),
    _row(
        f"POST {_CHANNEL}/ack",
        "acknowledgeDelivery",
        "Acknowledge deliveries: move a channel past them.",
        acknowledge,
        (ChannelAckParams, ChannelAckResult),
    ),
    _row(
        f"POST {_CHANNEL}/release",
        "releaseChannel",
        "End the lease on a channel, so that another client need not wait.",
        release,
        (ChannelReleaseParams, ChannelReleasedResult),
    ),
    _row(
        f"DELETE {_CHANNEL}",
        "deleteChannel",
        "Forget a channel.",
        delete,
        (None, DeletedResult),
    ),
)
