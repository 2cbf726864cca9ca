"""Webhooks that came in: what they are about, their headers, their exact bytes; and once more."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from aiwebhook.commands.fields import Moment, PlainLine
from aiwebhook.domain.answer_size import CONTENT_LIMIT
from aiwebhook.domain.inbound_payload import MAX_TOLD
from aiwebhook.errors import NotFound, Unavailable
from aiwebhook.ports.inbound import InboundBytes, InboundFilter
from session_api.answer import Answer
from session_api.inbound_view import (
    body_gone,
    has_bytes,
    inbound_bytes,
    inbound_view,
    media_of_inbound,
)
from session_api.operation import Access, ApiCall, ApiParams, ApiResult, Operation
from session_api.pages import list_page, page_body
from session_api.schemas import PageParams

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

Told = Annotated[str, Field(min_length=1, max_length=MAX_TOLD), PlainLine]
_DELIVERY = "/v1/inbound/{delivery_id}"


class InboundParams(PageParams):
    """Which deliveries: `event`, `action` and `repository` are those of the payload."""

    source: Annotated[Told, Field(description="Of this source.")] | None = None
    event: Annotated[Told, Field(description="Of this event, as its sender calls it.")] | None = (
        None
    )
    action: Annotated[Told, Field(description="With this `action` in the payload.")] | None = None
    repository: Annotated[Told, Field(description="About this owner/name.")] | None = None
    status: (
        Annotated[
            Literal["received", "failed", "too_large"],
            Field(description="Of this status."),
        ]
        | None
    ) = None
    since: Annotated[Moment, Field(description="Received at that time or later.")] | None = None


class InboundResult(ApiResult):
    """A received webhook. `status` is `failed` once a channel has skipped it (`failure` says why),
    `too_large` if only its arrival was recorded. `conflict`: its GUID had come before with other
    bytes. `verified_by` is `github_api` if it was read from GitHub's API; its bytes are then not
    those that were signed.
    """

    delivery_id: str
    source: str
    hook_id: str
    guid: str
    event: str
    action: str | None
    repository: str | None
    method: str
    path: str
    content_type: str | None
    size: int | None
    status: Literal["received", "failed", "too_large"]
    failure: str | None
    conflict: bool
    verified_by: Literal["source", "github_api"]
    body_pruned: bool
    received_at: datetime


class InboundPageResult(ApiResult):
    """One page; `next_cursor` is null on the last one."""

    items: list[InboundResult]
    next_cursor: str | None


class InboundBytesResult(InboundResult):
    """With the headers, their names in lower case, and the exact bytes: `body_base64`, or above
    3 MB `body_url`, which works for 15 minutes. Both are null once they are no longer kept.
    """

    headers: dict[str, str]
    body_sha256: str
    body_base64: str | None
    body_url: str | None


class ReplayParams(ApiParams):
    """`rules`: the rules are applied again within a minute, and may start another task."""

    rules: bool = False


class ReplayedResult(ApiResult):
    """It is published again, as event `delivery.received` with `replayed`."""

    replayed: str


def list_all(api: SessionApi, call: ApiCall, params: InboundParams) -> Answer:
    """Newest first."""
    wanted = InboundFilter(
        source=params.source,
        event=params.event,
        action=params.action,
        repository=params.repository,
        status=params.status,
        since=params.since,
    )
    rows = api.inbound.list_inbound(
        project_id=call.caller.project_id,
        wanted=wanted,
        page=list_page(params.limit, params.cursor, identity="inbound"),
    )
    return Answer(
        body=page_body(
            rows, params.limit, identity="inbound", place=lambda d: (d.received_at, d.delivery_id)
        )
    )


def find(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """With its headers and its bytes."""
    return Answer(body=inbound_view(api, call.caller.project_id, _found(api, call)))


def body(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """The bytes; above 3 MB a redirect to a pre-signed URL."""
    found, project_id = _found(api, call), call.caller.project_id
    if not has_bytes(found):
        raise body_gone(found.delivery_id)
    media = media_of_inbound(found)
    if (found.size or 0) > CONTENT_LIMIT:
        url = api.blobs.presign_get(
            project_id=project_id, sha256=found.body_sha256, content_type=media
        )
        return Answer(body=None, status=303, headers={"Location": url})
    headers = {
        # Bytes of strangers: a browser shall save them, not run them as a page of this API.
        "Content-Disposition": f"attachment; filename={found.delivery_id}",
        "Content-Security-Policy": "sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    raw = inbound_bytes(api, project_id, found)
    return Answer(body=raw, content_type=media, headers=headers)


def replay(api: SessionApi, call: ApiCall, params: ReplayParams) -> Answer:
    """Whoever follows what comes in gets it once more, under the same id."""
    found = _found(api, call)
    told = api.inbound.replay_inbound(
        project_id=call.caller.project_id,
        delivery_id=found.delivery_id,
        correlation_id=call.correlation_id,
        with_rules=params.rules,
    )
    if not told:
        raise body_gone(found.delivery_id)
    _wake(api)
    return Answer(body={"replayed": found.delivery_id})


def _wake(api: SessionApi) -> None:
    try:
        api.inbound.wake_readers()
    except Unavailable:
        return  # they poll


def _found(api: SessionApi, call: ApiCall) -> InboundBytes:
    delivery_id = call.ids["delivery_id"]
    found = api.inbound.find_inbound(project_id=call.caller.project_id, delivery_id=delivery_id)
    if found is None:
        raise NotFound(
            f"No delivery '{delivery_id}' came in for this project.", code="inbound_not_found"
        )
    return found


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/v1/inbound",
        name="listInbound",
        summary="Received webhooks, newest first.",
        tag="webhooks",
        access=Access.READ,
        handle=list_all,
        params=InboundParams,
        returns=InboundPageResult,
    ),
    Operation(
        method="GET",
        path=_DELIVERY,
        name="getInbound",
        summary="One received webhook, with its headers and exact bytes.",
        tag="webhooks",
        access=Access.READ,
        handle=find,
        returns=InboundBytesResult,
    ),
    Operation(
        method="GET",
        path=f"{_DELIVERY}/body",
        name="getInboundBody",
        summary="The exact bytes of a received webhook, with its own media type.",
        tag="webhooks",
        access=Access.READ,
        handle=body,
        statuses={303: "More than 3 MB: fetch them from Location, valid for 15 minutes"},
    ),
    Operation(
        method="POST",
        path=f"{_DELIVERY}/replay",
        name="replayInbound",
        summary="Publish a received webhook again, under the same id.",
        tag="webhooks",
        access=Access.COMMANDS,
        handle=replay,
        params=ReplayParams,
        returns=ReplayedResult,
        once=True,
    ),
)
