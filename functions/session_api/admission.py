"""Let a caller in, and note the rate limit for the headers of every answer, errors included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.http import Request
from aiwebhook.usecases.admit import Visitor, admit

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def admitted(
    api: SessionApi,
    request: Request,
    limits: dict[str, str],
    *,
    scope: Scope,
    resource: str | None = None,
) -> Caller:
    """The caller of a request. `resource`: the URL that access tokens must be for; None: API keys
    only. Raises Unauthorized, Forbidden, RateLimited, Unavailable.
    """
    visitor = Visitor(headers=request.headers, address=request.address, resource=resource)
    try:
        return admit(api.gate, visitor, scope=scope)
    finally:
        if visitor.limit is not None:
            limits |= visitor.limit.headers()
