"""session_api on a folder of files; and the large content that its answers give an address of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.cors import with_cors
from aiwebhook.http import Request, Response, serve
from aiwebhook.settings.folder import FolderSettings
from aiwebhook.wiring.folder import wire_folder
from session_api.folder_operations import folder_operations, folder_routes
from session_api.late_paths import LatePaths
from session_api.raw_routes import RAW_ROUTES
from session_api.router import Router

settings = FolderSettings.from_env()
parts = wire_folder(settings)
router = Router(
    LatePaths(lambda operations: folder_operations(operations, parts.needs_postgres)),
    parts.session_api,
    folder_routes(RAW_ROUTES, parts.needs_postgres),
)


def _content(request: Request) -> Response:
    """Whoever has the address may fetch it, as from S3."""
    name = request.path.removeprefix(parts.content_path)
    found = parts.blobs.content_at(name, request.query)
    headers = {"Content-Type": found.content_type, "Content-Security-Policy": "sandbox"}
    return Response(status=200, body=found.content, headers=headers)


def _answer(event: Mapping[str, Any]) -> dict[str, Any]:
    if str(event.get("path")).startswith(parts.content_path):
        return serve(event, _content)
    return router.answer(event)


answer = with_cors(settings.cors_origins, _answer)
