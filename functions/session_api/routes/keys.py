"""API keys of the caller's project."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from aiwebhook.domain.identity import Scope
from aiwebhook.ports.access import KeyRow
from aiwebhook.usecases import keys
from session_api import schemas
from session_api.answer import Answer, Json
from session_api.operation import Access, ApiCall, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_KEY = "/v1/keys/{key_id}"


def create(api: SessionApi, call: ApiCall, params: schemas.KeyParams) -> Answer:
    """The new key; the only response that contains it."""
    days = params.expires_in_days
    order = keys.KeyOrder(
        name=params.name,
        scopes=[Scope(name) for name in params.scopes],
        cidrs=params.cidrs,
        rate_per_minute=params.rate_per_minute,
        burst=params.burst,
        expires_at=None if days is None else api.clock() + timedelta(days=days),
    )
    made = keys.create_key(
        api.access, order, project_id=call.caller.project_id, actor=call.caller.key_id
    )
    return Answer(body={**_body(made.row), "key": made.key})


def list_all(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Newest first; revoked ones too."""
    rows = keys.list_keys(api.access, project_id=call.caller.project_id)
    return Answer(body={"items": [_body(row) for row in rows]})


def revoke(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Takes effect at once."""
    row = keys.revoke_key(
        api.access,
        project_id=call.caller.project_id,
        key_id=call.ids["key_id"],
        actor=call.caller.key_id,
    )
    return Answer(body=_body(row))


def rotate(api: SessionApi, call: ApiCall, params: schemas.KeyRotationParams) -> Answer:
    """A new key with the same rights; the old one stays valid for `overlap_s`."""
    made = keys.rotate_key(
        api.access,
        project_id=call.caller.project_id,
        key_id=call.ids["key_id"],
        actor=call.caller.key_id,
        overlap_s=params.overlap_s,
    )
    return Answer(body={**_body(made.row), "key": made.key})


def _body(row: KeyRow) -> Json:
    return {**asdict(row), "cidrs": [str(cidr) for cidr in row.cidrs]}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path="/v1/keys",
        name="createKey",
        summary="Create an API key; the key itself is returned only once.",
        tag="keys",
        access=Access.ADMIN,
        handle=create,
        once=True,
        shown_once="key",
        params=schemas.KeyParams,
        returns=schemas.KeyResult,
    ),
    Operation(
        method="GET",
        path="/v1/keys",
        name="listKeys",
        summary="API keys of the project, newest first.",
        tag="keys",
        access=Access.ADMIN,
        handle=list_all,
        returns=schemas.ItemsResult,
    ),
    Operation(
        method="DELETE",
        path=_KEY,
        name="revokeKey",
        summary="Revoke an API key immediately.",
        tag="keys",
        access=Access.ADMIN,
        handle=revoke,
        once=True,
        returns=schemas.KeyResult,
    ),
    Operation(
        method="POST",
        path=f"{_KEY}/rotate",
        name="rotateKey",
        summary="Rotate an API key; the new one has the same rights, the old one lasts overlap_s.",
        tag="keys",
        access=Access.ADMIN,
        handle=rotate,
        once=True,
        shown_once="key",
        params=schemas.KeyRotationParams,
        returns=schemas.KeyResult,
    ),
)
