"""Health, readiness, and the documents about this API."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from aiwebhook.errors import NotFound, Unavailable
from session_api import schemas
from session_api.answer import Answer
from session_api.operation import Access, Call, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_CACHED = {"Cache-Control": "public, max-age=3600"}
_ASSETS = {
    "swagger-ui-bundle.min.js": "text/javascript; charset=utf-8",
    "swagger-ui.min.css": "text/css; charset=utf-8",
}
# A document of ours, scripts and styles of ours, calls to ours: nothing is fetched from elsewhere.
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


def health(_api: SessionApi, _call: Call, _asked: None) -> Answer:
    """The process answers; nothing else is asked."""
    return Answer(body={"status": "ok"})


def ready(api: SessionApi, call: Call, _asked: None) -> Answer:
    """The database answers and has the schema of this release."""
    missing = api.observations.pending_migrations()
    if missing:
        which = f" {', '.join(missing)}" if call.maybe_caller else ""
        raise Unavailable(
            f"The database lacks migrations{which}.",
            code="migrations_pending",
            remedy="Run 'python -m aiwebhook.postgres.migrate', or deploy again.",
        )
    return Answer(body={"status": "ready", "time": api.clock()})


def openapi(_api: SessionApi, _call: Call, _asked: None) -> Answer:
    """The whole API."""
    from session_api.openapi import document  # noqa: PLC0415 asked rarely; costs every cold start

    return Answer(body=document(), headers=_CACHED)


def actions(_api: SessionApi, _call: Call, _asked: None) -> Answer:
    """The part that GPT Actions can take."""
    from session_api.openapi import actions_document  # noqa: PLC0415 as above

    return Answer(body=actions_document(), headers=_CACHED)


def docs(_api: SessionApi, _call: Call, _asked: None) -> Answer:
    """The interactive page."""
    return Answer(
        body=_PAGE,
        content_type="text/html; charset=utf-8",
        headers={**_CACHED, "Content-Security-Policy": _POLICY},
    )


def asset(_api: SessionApi, call: Call, _asked: None) -> Answer:
    """What the page needs, out of Powertools' own wheel."""
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


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/healthz",
        name="getHealth",
        summary="Whether the process answers.",
        tag="system",
        access=Access.OPEN,
        handle=health,
        tells=schemas.HealthTold,
    ),
    Operation(
        method="GET",
        path="/health",
        name="getHealthAlias",
        summary="The same as /healthz.",
        tag="system",
        access=Access.OPEN,
        handle=health,
        tells=schemas.HealthTold,
    ),
    Operation(
        method="GET",
        path="/readyz",
        name="getReadiness",
        summary="Whether the database answers and has this release's schema.",
        tag="system",
        access=Access.OPEN,
        handle=ready,
        tells=schemas.ReadyTold,
        key_shows_more=True,
    ),
    Operation(
        method="GET",
        path="/openapi.json",
        name="getOpenApi",
        summary="This document.",
        tag="system",
        access=Access.OPEN,
        handle=openapi,
    ),
    Operation(
        method="GET",
        path="/openapi-actions.json",
        name="getOpenApiForActions",
        summary="The operations of a conversation only: at most 30, as GPT Actions take them.",
        tag="system",
        access=Access.OPEN,
        handle=actions,
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
        summary="What the interactive page needs.",
        tag="system",
        access=Access.OPEN,
        handle=asset,
    ),
)
