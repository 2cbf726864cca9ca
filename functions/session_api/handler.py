"""The Lambda function behind every path that is not relay's."""

from __future__ import annotations

from typing import Any

from aiwebhook import cold_start
from aiwebhook.cors import with_cors
from aiwebhook.settings.session_api import SessionApiSettings
from aiwebhook.wiring.session_api import wire_session_api
from session_api.raw_routes import RAW_ROUTES
from session_api.router import Router
from session_api.routes import OPERATIONS

settings = SessionApiSettings.from_env()
router = Router(OPERATIONS, wire_session_api(settings), RAW_ROUTES)
answer = with_cors(settings.cors_origins, router.answer)
cold_start.imported()


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one REST API event; errors become problem+json."""
    return answer(event)
