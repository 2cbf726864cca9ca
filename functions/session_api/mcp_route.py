"""POST /mcp: the Model Context Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.domain.identity import Scope
from aiwebhook.errors import Forbidden, Unauthorized
from aiwebhook.http import Request, Response
from aiwebhook.usecases.authenticate import Authentication, serve_authenticated
from session_api.mcp.production import server
from session_api.oauth.challenge import challenge

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def answer_mcp(api: SessionApi, request: Request, limits: dict[str, str]) -> Response:
    """Raises Unauthorized, Forbidden, RateLimited, Unavailable, UnsupportedMedia."""
    try:
        return serve_authenticated(
            api.authenticator,
            Authentication(
                headers=request.headers,
                address=request.address,
                resource=api.resource,
                limits=limits,
            ),
            lambda caller: server().answer(api, caller, request),
            scope=Scope.READ,
        )
    except (Unauthorized, Forbidden) as error:
        error.challenge = challenge(api.public_url, error)
        raise
