"""Whether GitHub is asked what of a source did not arrive, as whom, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from aiwebhook.domain.github_hook import GITHUB_API
from aiwebhook.domain.view import view
from aiwebhook.ports.endpoints import Actor
from aiwebhook.ports.reconciliation import ReconciliationRow
from aiwebhook.usecases.manage_reconciliations import (
    ReconciliationOrder,
    no_reconciliation,
    set_reconciliation,
)
from session_api.answer import Answer
from session_api.operation import Access, ApiCall, ApiParams, ApiResult, Operation
from session_api.schemas import DeletedResult, Url

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_RECONCILIATION = "/v1/sources/{source_id}/reconciliation"
_WANTED = {False: "pass", True: "dry_run"}


class ReconciliationParams(ApiParams):
    """The hook's path in GitHub's API, and credentials: a token that may administer the hook, or a
    GitHub App's id and private key (PEM). They are stored encrypted and never returned.
    """

    hook: Annotated[
        str,
        Field(
            max_length=300,
            description="repos/OWNER/REPO/hooks/ID, orgs/ORG/hooks/ID, or app/hook.",
        ),
    ]
    token: Annotated[str, Field(pattern="^[!-~]{8,500}$")] | None = None
    app_id: Annotated[str, Field(pattern="^[A-Za-z0-9.]{1,40}$")] | None = None
    private_key: Annotated[str, Field(min_length=100, max_length=8_000)] | None = None
    api_url: Annotated[
        Url, Field(description="For GitHub Enterprise Server: https://HOST/api/v3.")
    ] = GITHUB_API


class ReconcileParams(ApiParams):
    """`dry_run`: only count what is missing."""

    dry_run: bool = False


class ReconcileReportResult(ApiResult):
    """What the last pass did: it examined `listed` attempts; of the deliveries, some were
    `missed`, `recovered` since, `asked` for again, `fetched` because they exceed our limit, or
    `lost` because GitHub no longer has them. `behind_s`: the time since the check before; of it,
    GitHub no longer lists `unchecked_s`.
    """

    dry_run: bool = False
    listed: int = 0
    missed: int = 0
    recovered: int = 0
    asked: int = 0
    fetched: int = 0
    lost: int = 0
    behind_s: int = 0
    unchecked_s: int = 0


class ReconciliationResult(ApiResult):
    """How a source's lost deliveries are recovered. `missing`: deliveries that GitHub has been or
    will be asked for; `refused`: those that we have refused so often that GitHub is no longer
    asked; `failure`: why the last pass did not finish; `wanted`: what the next one will be.
    """

    source_id: str
    hook: str
    api_url: str
    app_id: str | None
    wanted: str | None
    next_at: datetime
    checked_until: datetime | None
    passed_at: datetime | None
    report: ReconcileReportResult
    failing_since: datetime | None
    failure: str | None
    missing: int
    refused: int
    created_at: datetime


def set_one(api: SessionApi, call: ApiCall, params: ReconciliationParams) -> Answer:
    """GitHub is asked from the next minute on."""
    order = ReconciliationOrder(
        hook=params.hook,
        api_url=params.api_url,
        app_id=params.app_id,
        token=params.token,
        private_key=params.private_key,
    )
    return _shown(
        set_reconciliation(
            api.reconciliations, _actor(call), source_id=call.ids["source_id"], order=order
        )
    )


def find(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """Without what it logs in with."""
    source_id = call.ids["source_id"]
    found = api.reconciliations.store.find_reconciliation(
        project_id=call.caller.project_id, source_id=source_id
    )
    if found is None:
        raise no_reconciliation(source_id)
    return _shown(found)


def want(api: SessionApi, call: ApiCall, params: ReconcileParams) -> Answer:
    """At the next minute."""
    source_id = call.ids["source_id"]
    found = api.reconciliations.store.want_reconciliation(
        _actor(call), source_id=source_id, wanted=_WANTED[params.dry_run]
    )
    if found is None:
        raise no_reconciliation(source_id)
    return _shown(found)


def delete(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """GitHub is asked no more, and the token forgotten."""
    source_id = call.ids["source_id"]
    if not api.reconciliations.store.delete_reconciliation(_actor(call), source_id=source_id):
        raise no_reconciliation(source_id)
    return Answer(body={"deleted": source_id})


def _shown(found: ReconciliationRow) -> Answer:
    return Answer(body=view(found))


def _actor(call: ApiCall) -> Actor:
    return Actor(project_id=call.caller.project_id, key_id=call.caller.key_id)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path=_RECONCILIATION,
        name="setReconciliation",
        summary="Set up the recovery of deliveries from GitHub that never reached a source.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=set_one,
        params=ReconciliationParams,
        returns=ReconciliationResult,
        once=True,
    ),
    Operation(
        method="GET",
        path=_RECONCILIATION,
        name="getReconciliation",
        summary="How a source's lost deliveries are recovered from GitHub, and the last outcome.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=find,
        returns=ReconciliationResult,
    ),
    Operation(
        method="POST",
        path="/v1/sources/{source_id}/reconcile",
        name="reconcileSource",
        summary="Look for lost deliveries within a minute; a dry run only counts them.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=want,
        params=ReconcileParams,
        returns=ReconciliationResult,
        once=True,
    ),
    Operation(
        method="DELETE",
        path=_RECONCILIATION,
        name="deleteReconciliation",
        summary="Stop recovering a source's deliveries from GitHub.",
        tag="webhooks",
        access=Access.ADMIN,
        handle=delete,
        returns=DeletedResult,
        once=True,
    ),
)
