"""The documents about this API: OpenAPI and an interactive page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from aiwebhook.errors import NotFound
from session_api.answer import Answer, Json
from session_api.operation import Access, ApiCall, Handle, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_CACHED = {"Cache-Control": "public, max-age=3600"}
_ASSETS = {
    "swagger-ui-bundle.min.js": "text/javascript; charset=utf-8",
    "swagger-ui.min.css": "text/css; charset=utf-8",
}
# Document, scripts, styles and calls come from this API alone: nothing is fetched from elsewhere.
_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>AI Webhook API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.min.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.min.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  dom_id: "#swagger-ui", url: "openapi.json", deepLinking: true, docExpansion: "list",
  filter: true, layout: "BaseLayout", validatorUrl: null, presets: [SwaggerUIBundle.presets.apis],
});
"""


def docs(_api: SessionApi, _call: ApiCall, _params: None) -> Answer:
    """The interactive page."""
    return Answer(
        body=_PAGE,
        content_type="text/html; charset=utf-8",
        headers={**_CACHED, "Content-Security-Policy": _POLICY},
    )


def asset(_api: SessionApi, call: ApiCall, _params: None) -> Answer:
    """A file of the interactive page, from the Powertools wheel."""
    name = call.ids["asset"]
    if name == "start.js":
        return Answer(
            body=_START, content_type=_ASSETS["swagger-ui-bundle.min.js"], headers=_CACHED
        )
    if name not in _ASSETS:
        raise NotFound(f"No document '{name}'.")
    folder = files("aws_lambda_powertools.event_handler.openapi.swagger_ui")
    text = folder.joinpath(name).read_text(encoding="utf-8")
    return Answer(body=text, content_type=_ASSETS[name], headers=_CACHED)


@cache
def _openapi() -> Json:
    from session_api import all_operations  # noqa: PLC0415 rare, and imports all operations
    from session_api.openapi import openapi_document  # noqa: PLC0415 as above

    return openapi_document(all_operations.OPERATIONS)


@cache
def _openapi_for_actions() -> Json:
    from session_api import all_operations  # noqa: PLC0415 as above
    from session_api.openapi import actions_document  # noqa: PLC0415 as above

    return actions_document(all_operations.OPERATIONS)


def _serving(document: Callable[[], Json]) -> Handle:
    def handle(_api: SessionApi, _call: ApiCall, _params: None) -> Answer:
        return Answer(body=document(), headers=_CACHED)

    return handle


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/openapi.json",
        name="getOpenApi",
        summary="This document.",
        tag="system",
        access=Access.OPEN,
        handle=_serving(_openapi),
    ),
    Operation(
        method="GET",
        path="/openapi-actions.json",
        name="getOpenApiForActions",
        summary="Only the operations a conversation needs: at most 30, the limit of GPT Actions.",
        tag="system",
        access=Access.OPEN,
        handle=_serving(_openapi_for_actions),
    ),
    Operation(
        method="GET",
        path="/docs",
        name="getDocs",
        summary="This document as an interactive page.",
        tag="system",
        access=Access.OPEN,
        handle=docs,
    ),
    Operation(
        method="GET",
        path="/docs/{asset}",
        name="getDocsAsset",
        summary="Files of the interactive page.",
        tag="system",
        access=Access.OPEN,
        handle=asset,
    ),
)
