"""session_api on Postgres, as it is deployed."""

from __future__ import annotations

from aiwebhook.cors import with_cors
from aiwebhook.settings.session_api import SessionApiSettings
from aiwebhook.snap_start import from_snapshots
from aiwebhook.wiring.session_api import wire_session_api
from session_api.late_paths import LatePaths
from session_api.raw_routes import RAW_ROUTES
from session_api.router import Router

settings = SessionApiSettings.from_env()
paths = LatePaths()
if from_snapshots():
    paths.import_all()
router = Router(paths, wire_session_api(settings), RAW_ROUTES)
answer = with_cors(settings.cors_origins, router.answer)
