"""Sources of webhooks: each an address with secrets, limits and a project of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from aiwebhook import http
from aiwebhook.commands.fields import WHOLE
from aiwebhook.domain.retention import MAX_DAYS
from aiwebhook.domain.signature import SECRET_OVERLAP_S
from aiwebhook.domain.source import BURST, RATE_PER_MINUTE, SourceKind, SourceRules
from aiwebhook.domain.view import view
from aiwebhook.ports.endpoints import Actor
from aiwebhook.ports.sources import SourceFields
from aiwebhook.usecases import manage_sources
from aiwebhook.usecases.keys import canonical_network
from aiwebhook.usecases.manage_sources import ManagedSource, SourceOrder
from session_api.answer import Answer, Json
from session_api.operation import Access, ApiCall, ApiParams, ApiResult, Operation
from session_api.pages import list_page, page_body
from session_api.schemas import DeletedResult, Description, Network, PageParams

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_SOURCE = "/v1/sources/{source_id}"
_RULES = SourceRules.__slots__
KindName = Literal["github", "standard_webhooks", "stripe", "slack", "hmac", "none"]
HeaderName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,99}$")]
Pointer = Annotated[str, Field(pattern="^(/[^/]{1,100}){1,10}$")]
SourceSecret = Annotated[str, Field(min_length=8, max_length=200)]
SourceName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{1,63}$")]


class SourceSettings(ApiParams):
    """What a source may have: `header`, `encoding` and `prefix` are for kind `hmac`; the id
    that identifies a repeat, and the event, are in a header or at a JSON pointer. `window_s`: how
    far a signed time may be off. `cidrs` empty: from any address. `networks` github: from GitHub's
    networks, which are read daily, and those in `cidrs`.
    """

    description: Description | None = None
    header: HeaderName | None = None
    encoding: Literal["hex", "base64"] | None = None
    prefix: Annotated[str, Field(max_length=30)] | None = None
    dedupe_header: HeaderName | None = None
    dedupe_pointer: Pointer | None = None
    event_header: HeaderName | None = None
    event_pointer: Pointer | None = None
    window_s: Annotated[int, Field(ge=1, le=86_400), WHOLE] | None = None
    cidrs: Annotated[list[Network], Field(max_length=50)] | None = None
    networks: Literal["any", "github"] | None = None
    max_bytes: Annotated[int, Field(ge=1, le=http.MAX_BODY), WHOLE] | None = None
    rate_per_minute: Annotated[int, Field(ge=1, le=1_000_000), WHOLE] | None = None
    burst: Annotated[int, Field(ge=1, le=1_000_000), WHOLE] | None = None
    retention_days: Annotated[int, Field(ge=1, le=MAX_DAYS), WHOLE] | None = None


class SourceParams(SourceSettings):
    """A new source. Without `source_id` its address is random. Without `secret` one is
    generated, where the kind allows it: Stripe and Slack choose their own, so supply it here, or
    rotate to it later.
    """

    kind: KindName
    source_id: SourceName | None = None
    secret: SourceSecret | None = None


class SourceChangeParams(SourceSettings):
    """The fields to change."""

    status: Literal["active", "disabled"] | None = None


class SourceRotationParams(ApiParams):
    """The next secret, and for how many seconds the previous one stays valid."""

    secret: SourceSecret | None = None
    overlap_s: Annotated[int, Field(ge=0, le=7 * 86_400), WHOLE] = SECRET_OVERLAP_S


class SourceResult(ApiResult):
    """A source. `secret` is returned once, if one was generated for it; `url` is its address."""

    source_id: str
    url: str
    kind: KindName
    description: str | None
    status: Literal["active", "disabled"]
    rules: dict[str, Any]
    has_secret: bool
    previous_secret_until: datetime | None
    cidrs: list[str]
    max_bytes: int
    rate_per_minute: int
    burst: int
    retention_days: int | None
    created_at: datetime
    secret: str | None = None
    notice: str | None = None


class SourcesPageResult(ApiResult):
    """One page; `next_cursor` is null on the last one."""

    items: list[SourceResult]
    next_cursor: str | None


def create(api: SessionApi, call: ApiCall, params: SourceParams) -> Answer:
    """The source, with the secret that was made for it."""
    order = SourceOrder(
        kind=SourceKind(params.kind),
        source_id=params.source_id,
        secret=params.secret,
        fields=SourceFields(
            description=params.description,
            rules=_rules(params),
            cidrs=_networks(params.cidrs) or [],
            max_bytes=params.max_bytes or http.MAX_BODY,
            rate_per_minute=params.rate_per_minute or RATE_PER_MINUTE,
            burst=params.burst or BURST,
            retention_days=params.retention_days,
        ),
    )
    return _shown(api, manage_sources.create_source(api.sources, _actor(call), order))


def list_all(api: SessionApi, call: ApiCall, params: PageParams) -> Answer:
    """Newest first."""
    rows = api.sources.store.list_sources(
        project_id=call.caller.project_id,
        page=list_page(params.limit, params.cursor, identity="source_id"),
    )
    return Answer(
        body=page_body(
            rows,
            params.limit,
            identity="source_id",
            place=lambda s: (s.created_at, s.source_id),
            view=lambda s: _view(api, ManagedSource(source=s)),
        )
    )


def find(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Without its secrets."""
    found = manage_sources.find_source(
        api.sources, project_id=call.caller.project_id, source_id=call.ids["source_id"]
    )
    return _shown(api, ManagedSource(source=found))


def change(api: SessionApi, call: ApiCall, params: SourceChangeParams) -> Answer:
    """Change the given fields."""
    source_id, project_id = call.ids["source_id"], call.caller.project_id
    found = manage_sources.find_source(api.sources, project_id=project_id, source_id=source_id)
    fields = SourceFields(
        description=params.description,
        status=params.status,
        rules={**found.rules, **_rules(params)} or None,
        cidrs=_networks(params.cidrs),
        max_bytes=params.max_bytes,
        rate_per_minute=params.rate_per_minute,
        burst=params.burst,
        retention_days=params.retention_days,
    )
    changed = api.sources.store.change_source(_actor(call), source_id=source_id, fields=fields)
    if changed is None:
        raise manage_sources.unknown_source(source_id)
    return _shown(api, ManagedSource(source=changed))


def rotate(api: SessionApi, call: ApiCall, params: SourceRotationParams) -> Answer:
    """The source with its next secret; the one before counts too for a while."""
    rotated = manage_sources.rotate_source(
        api.sources,
        _actor(call),
        source_id=call.ids["source_id"],
        secret=params.secret,
        overlap_s=params.overlap_s,
    )
    return _shown(api, rotated)


def delete(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Forget the source; what it sent stays."""
    source_id = call.ids["source_id"]
    if not api.sources.store.delete_source(_actor(call), source_id=source_id):
        raise manage_sources.unknown_source(source_id)
    return Answer(body={"deleted": source_id})


def _rules(params: SourceSettings) -> Json:
    chosen = {name: getattr(params, name) for name in _RULES}
    return {name: value for name, value in chosen.items() if value is not None}


def _networks(given: Sequence[str] | None) -> Sequence[str] | None:
    return None if given is None else [canonical_network(text) for text in given]


def _shown(api: SessionApi, managed: ManagedSource) -> Answer:
    return Answer(body=_view(api, managed))


def _view(api: SessionApi, managed: ManagedSource) -> Json:
    shown = view(managed.source)
    url = f"{api.public_url}/webhook/{managed.source.source_id}"
    body = {"source_id": shown.pop("source_id"), "url": url, **shown}
    return body if managed.secret is None else {**body, "secret": managed.secret}


def _actor(call: ApiCall) -> Actor:
    return Actor(project_id=call.caller.project_id, key_id=call.caller.key_id)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path="/v1/sources",
        name="createSource",
        summary="Create a source of webhooks; a generated secret is returned only once.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=create,
        params=SourceParams,
        returns=SourceResult,
        once=True,
        shown_once="secret",
    ),
    Operation(
        method="GET",
        path="/v1/sources",
        name="listSources",
        summary="Sources of webhooks, newest first.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=list_all,
        params=PageParams,
        returns=SourcesPageResult,
    ),
    Operation(
        method="GET",
        path=_SOURCE,
        name="getSource",
        summary="One source of webhooks.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=find,
        returns=SourceResult,
    ),
    Operation(
        method="PATCH",
        path=_SOURCE,
        name="changeSource",
        summary="Change, disable or enable a source of webhooks.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=change,
        params=SourceChangeParams,
        returns=SourceResult,
        once=True,
    ),
    Operation(
        method="POST",
        path=f"{_SOURCE}/rotate",
        name="rotateSource",
        summary="Rotate a source's secret; the previous one stays valid for a while.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=rotate,
        params=SourceRotationParams,
        returns=SourceResult,
        once=True,
        shown_once="secret",
    ),
    Operation(
        method="DELETE",
        path=_SOURCE,
        name="deleteSource",
        summary="Delete a source of webhooks; what it sent is kept.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=delete,
        returns=DeletedResult,
        once=True,
    ),
)
