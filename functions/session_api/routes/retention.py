"""How long a project's data is kept."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from aiwebhook.domain.retention import RetentionKind
from aiwebhook.usecases.retain import effective_days, prune
from session_api import retention_schemas as schemas
from session_api.answer import Answer
from session_api.operation import Access, ApiCall, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_FOREVER = "forever"
_ENOUGH = timedelta(seconds=10)
"""API Gateway gives up after 29 s."""


def show(api: SessionApi, call: ApiCall, _asked: None) -> Answer:
    """The project's settings, and the defaults of the rest."""
    days = effective_days(api.runs, project_id=call.caller.project_id)
    return Answer(body={kind: days[kind] or _FOREVER for kind in RetentionKind})


def change(api: SessionApi, call: ApiCall, params: schemas.RetentionParams) -> Answer:
    """Change the settings; they take effect with the next pruning, within a day."""
    given = params.model_dump(exclude_none=True)
    days = {
        RetentionKind(kind): None if said == _FOREVER else int(said) for kind, said in given.items()
    }
    if days:
        api.runs.set_retention_rules(
            project_id=call.caller.project_id, actor=call.caller.key_id, days=days
        )
    return show(api, call, None)


def prune_now(api: SessionApi, call: ApiCall, params: schemas.PruneParams) -> Answer:
    """Prune now what the reaper would prune within a day."""
    until = api.clock() + _ENOUGH
    pruned = prune(
        api.runs,
        project_id=call.caller.project_id,
        apply=not params.dry_run,
        has_time=lambda: api.clock() < until,
    )
    return Answer(
        body={
            "dry_run": params.dry_run,
            "complete": pruned.complete,
            "rows": {kind: pruned.rows[kind] for kind in RetentionKind},
        }
    )


_administered = partial(Operation, tag="retention", access=Access.ADMIN)

OPERATIONS: tuple[Operation, ...] = (
    _administered(
        method="GET",
        path="/v1/retention",
        name="getRetention",
        summary="How many days each kind of row is kept.",
        handle=show,
        returns=schemas.RetentionResult,
    ),
    _administered(
        method="POST",
        path="/v1/retention",
        name="changeRetention",
        summary="Change how many days each kind of row is kept.",
        handle=change,
        once=True,
        params=schemas.RetentionParams,
        returns=schemas.RetentionResult,
    ),
    _administered(
        method="POST",
        path="/v1/retention/prune",
        name="prune",
        summary="Delete expired rows now, or only count them.",
        handle=prune_now,
        once=True,
        params=schemas.PruneParams,
        returns=schemas.PruneResult,
    ),
)
