"""The Lambda function behind every path that is not relay's."""

from __future__ import annotations

from functools import cache
from typing import Any

from aiwebhook.cors import with_cors
from aiwebhook.errors import ConfigurationError
from aiwebhook.wiring.session_api import SessionApi, wire_session_api
from session_api.raw_routes import RAW_ROUTES
from session_api.router import Router
from session_api.routes import OPERATIONS
from session_api.settings import SessionApiSettings


@cache
def settings() -> SessionApiSettings:
    """Read once, at the first request."""
    return SessionApiSettings.from_env()


@cache
def session_api() -> SessionApi:
    """Everything the operations need, put together at the first request and kept while the process
    lives.
    """
    return wire_session_api(settings())


ROUTER = Router(OPERATIONS, session_api, RAW_ROUTES)


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one REST API event; errors become problem+json."""
    return with_cors(_origins(), event, ROUTER.answer)


def _origins() -> list[str]:
    """None where the environment is incomplete: the router turns that into an answer."""
    try:
        return settings().cors_origins
    except ConfigurationError:
        return []
