"""session_api on Postgres, as it is deployed."""

from __future__ import annotations

from aiwebhook.cors import with_cors
from aiwebhook.settings.session_api import SessionApiSettings
from aiwebhook.wiring.session_api import wire_session_api
from session_api.raw_routes import RAW_ROUTES
from session_api.router import Router
from session_api.routes import OPERATIONS

settings = SessionApiSettings.from_env()
router = Router(OPERATIONS, wire_session_api(settings), RAW_ROUTES)
answer = with_cors(settings.cors_origins, router.answer)
