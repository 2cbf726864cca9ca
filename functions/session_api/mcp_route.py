"""POST /mcp: the Model Context Protocol. Its server is imported at the first call: requests of /v1
do not pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.domain.identity import Scope
from aiwebhook.errors import Forbidden, Unauthorized
from aiwebhook.http import Request, Response
from aiwebhook.usecases.admit import Visitor, admit
from session_api.oauth.challenge import challenge
from session_api.raw import RawRoute

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def answer_mcp(api: SessionApi, request: Request, limits: dict[str, str]) -> Response:
    """Raises Unauthorized, Forbidden, RateLimited, Unavailable, UnsupportedMedia."""
    visitor = Visitor(headers=request.headers, address=request.address, resource=api.resource)
    try:
        caller = admit(api.gate, visitor, scope=Scope.READ)
    except (Unauthorized, Forbidden) as error:
        error.challenge = challenge(api.public_url, error)
        raise
    finally:
        if visitor.limit is not None:
            limits |= visitor.limit.headers()
    from session_api.mcp.production import server  # noqa: PLC0415 — see above

    return server().answer(api, caller, request)


# Clients differ in whether they keep a slash that somebody typed.
MCP_ROUTES = tuple(
    RawRoute(method="POST", path=path, handle=answer_mcp) for path in ("/mcp", "/mcp/")
)
