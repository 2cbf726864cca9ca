"""Authenticates a request, and adds its rate limit to the headers of every response."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.http import Request, Response
from aiwebhook.usecases.authenticate import Authentication, serve_authenticated

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def serve_caller(
    api: SessionApi,
    request: Request,
    limits: dict[str, str],
    serve: Callable[[Caller], Response],
    *,
    scope: Scope,
) -> Response:
    """What `serve` returns for the caller of a request, whose API key may be checked along with the
    first statement of `serve`. Raises what `caller_of` and `serve` raise.
    """
    authentication = Authentication(headers=request.headers, address=request.address, limits=limits)
    return serve_authenticated(api.authenticator, authentication, serve, scope=scope)
