"""POST /mcp: the Model Context Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.domain.identity import Scope
from aiwebhook.errors import Forbidden, Unauthorized
from aiwebhook.http import Request, Response
from session_api.authentication import caller_of
from session_api.mcp.production import server
from session_api.oauth.challenge import challenge

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def answer_mcp(api: SessionApi, request: Request, limits: dict[str, str]) -> Response:
    """Raises Unauthorized, Forbidden, RateLimited, Unavailable, UnsupportedMedia."""
    try:
        caller = caller_of(api, request, limits, scope=Scope.READ, resource=api.resource)
    except (Unauthorized, Forbidden) as error:
        error.challenge = challenge(api.public_url, error)
        raise
    return server().answer(api, caller, request)
