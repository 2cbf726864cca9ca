"""session_api on a folder of files."""

from __future__ import annotations

from aiwebhook.cors import with_cors
from aiwebhook.settings.folder import FolderSettings
from aiwebhook.wiring.folder import wire_folder
from session_api.folder_operations import folder_operations, folder_routes
from session_api.raw_routes import RAW_ROUTES
from session_api.router import Router
from session_api.routes import OPERATIONS

settings = FolderSettings.from_env()
parts = wire_folder(settings)
router = Router(
    folder_operations(OPERATIONS, parts.needs_postgres),
    parts.session_api,
    folder_routes(RAW_ROUTES, parts.needs_postgres),
)
answer = with_cors(settings.cors_origins, router.answer)
