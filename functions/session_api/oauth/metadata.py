"""The documents by which a client finds its way in: RFC 9728 and RFC 8414."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.domain.oauth import SCOPES
from aiwebhook.door_paths import AUTHORIZE_PATH, REGISTER_PATH, TOKEN_PATH
from aiwebhook.http import Request, Response

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_CACHED = {"Cache-Control": "public, max-age=300"}
_SCOPES = [str(scope) for scope in SCOPES]


def protected_resource(api: SessionApi, _request: Request, _limits: dict[str, str]) -> Response:
    """RFC 9728. `resource` is the MCP URL in both forms: Claude compares it with what was typed."""
    return Response(
        status=200,
        body={
            "resource": api.oauth.resource,
            "authorization_servers": [api.public_url],
            "scopes_supported": _SCOPES,
            "bearer_methods_supported": ["header"],
            "resource_name": "AI Webhook",
            "resource_documentation": f"{api.public_url}/llm-instructions",
        },
        headers=_CACHED,
    )


def authorization_server(api: SessionApi, _request: Request, _limits: dict[str, str]) -> Response:
    """RFC 8414."""
    url = api.public_url
    return Response(
        status=200,
        body={
            "issuer": url,
            "authorization_endpoint": url + AUTHORIZE_PATH,
            "token_endpoint": url + TOKEN_PATH,
            "registration_endpoint": url + REGISTER_PATH,
            "scopes_supported": _SCOPES,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "client_id_metadata_document_supported": True,
            "authorization_response_iss_parameter_supported": True,
            "service_documentation": f"{url}/llm-instructions",
        },
        headers=_CACHED,
    )
