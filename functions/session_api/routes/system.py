"""Health and readiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.errors import Unavailable
from session_api import schemas
from session_api.answer import Answer
from session_api.operation import Access, ApiCall, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def health(_api: SessionApi, _call: ApiCall, _params: None) -> Answer:
    """The process answers; nothing else is checked."""
    return Answer(body={"status": "ok"})


def ready(api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """The database answers and has the schema of this release; readers get what is committed."""
    pending = api.observations.pending_migrations()
    if pending.pre:
        which = f" {', '.join(pending.pre)}" if call.maybe_caller else ""
        raise Unavailable(
            f"The database lacks migrations{which}.",
            code="migrations_pending",
        )
    return Answer(
        body={
            "status": "ready",
            "time": api.clock(),
            "feed_held_back_s": api.observations.feed_held_back(),
            "post_migrations_due": len(pending.post),
        }
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/healthz",
        name="getHealth",
        summary="Whether the process answers.",
        tag="system",
        access=Access.OPEN,
        handle=health,
        returns=schemas.HealthResult,
    ),
    Operation(
        method="GET",
        path="/health",
        name="getHealthAlias",
        summary="The same as /healthz.",
        tag="system",
        access=Access.OPEN,
        handle=health,
        returns=schemas.HealthResult,
    ),
    Operation(
        method="GET",
        path="/readyz",
        name="getReadiness",
        summary="Whether the database answers and has this release's schema.",
        tag="system",
        access=Access.OPEN,
        handle=ready,
        returns=schemas.ReadyResult,
        key_shows_more=True,
    ),
)
