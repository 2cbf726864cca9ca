"""The core on a loopback port: with the conformance suite's fixtures, or with our tools."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from aiwebhook.domain.identity import Caller, Scope
from aiwebhook_local.guard import guard_refusal, own_origins
from session_api.late_paths import LatePaths
from session_api.mcp.server import Server
from session_api.paths import Paths
from session_api.raw import RawRoute
from session_api.raw_routes import RAW_ROUTES
from session_api.router import Router
from tests.doors.fixtures.definition import definition
from tests.support.http_front import Event, HttpFront, LambdaHandler
from tests.support.session_api import Outside, session_api_handler, session_api_on

DOCUMENTS = {
    client_id: json.dumps(
        {"client_id": client_id, "client_name": name, "redirect_uris": [*redirect_uris]}
    ).encode()
    for client_id, name, *redirect_uris in (
        (
            "https://claude.ai/oauth/claude-code-client-metadata",
            *("Claude Code", "http://localhost/callback", "http://127.0.0.1/callback"),
        ),
        ("https://chatgpt.com/oauth/codex/client.json", "Codex", "http://127.0.0.1/callback"),
    )
}
"""What the vendors publish about their CLIs, as far as we read it: a test has no internet."""
_NOBODY = Caller(project_id="conformance", key_id="none", scopes=frozenset({Scope.COMMANDS}))


@contextmanager
def serving_fixtures(dsn: str) -> Generator[str]:
    """The address of a server with the suite's fixtures, which asks for no key."""
    outside = Outside()
    api = session_api_on(dsn, outside)
    server = Server(definition())
    route = RawRoute(
        method="POST",
        path="/mcp",
        handle=lambda api, request, _limits: server.answer(api, _NOBODY, request),
    )
    router = Router(Paths(), api, (route,))
    with _served(lambda event, _context: router.answer(event)) as url:
        yield url
    outside.close()


@contextmanager
def serving_our_tools(dsn: str, key: str) -> Generator[str]:
    """The address of our own server; each request is given the key, which the suite cannot send."""
    outside = Outside()
    handler = session_api_handler(dsn, outside)

    def with_key(event: Event, context: object) -> dict[str, Any]:
        event["headers"]["Authorization"] = f"Bearer {key}"
        event["multiValueHeaders"]["Authorization"] = [f"Bearer {key}"]
        return handler(event, context)

    with _served(with_key) as url:
        yield url
    outside.close()


@contextmanager
def serving_deployment(dsn: str) -> Generator[str]:
    """The address of our own server, which knows it: OAuth works, from a 401 without a challenge
    (WWW-Authenticate is renamed, as gateways do).
    """
    outside = Outside(documents=dict(DOCUMENTS))

    def handler() -> LambdaHandler:
        api = session_api_on(dsn, outside)
        api = replace(api, oauth=replace(api.oauth, public_url=front.url))
        router = Router(LatePaths(), api, RAW_ROUTES)
        return lambda event, _context: _renamed(router.answer(event))

    front = HttpFront(session_api=handler)
    with front:
        yield front.url
    outside.close()


def _renamed(answer: dict[str, Any]) -> dict[str, Any]:
    challenge = answer["headers"].pop("WWW-Authenticate", None)
    if challenge is not None:
        answer["headers"]["x-amzn-remapped-www-authenticate"] = challenge
    return answer


@contextmanager
def _served(handler: LambdaHandler) -> Generator[str]:
    origins: set[str] = set()

    def guarded(event: Event, context: object) -> dict[str, Any]:
        """As the local front does, and on AWS the gateway: only its own host name is answered."""
        headers = {name.lower(): value for name, value in event["headers"].items()}
        refusal = guard_refusal(event["httpMethod"], headers, frozenset(origins))
        if refusal is not None:
            return {"statusCode": 403, "headers": {}, "body": refusal.detail}
        return handler(event, context)

    with HttpFront(session_api=lambda: guarded) as front:
        origins |= own_origins(int(front.url.rpartition(":")[2]))
        yield f"{front.url}/mcp"
