"""POST /register: for clients that have no document of their own (RFC 7591)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook import observability
from aiwebhook.domain.oauth import OAuthError, OAuthRefusal
from aiwebhook.errors import Invalid, NotJson, UnsupportedMedia
from aiwebhook.http import Request, Response, json_body
from aiwebhook.usecases.oauth_clients import register_client
from session_api.oauth.forms import refusal

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def register(api: SessionApi, request: Request, _limits: dict[str, str]) -> Response:
    """The client as it is kept. It gets no secret: PKCE is what proves it."""
    try:
        metadata = json_body(request)
    except (NotJson, Invalid, UnsupportedMedia) as error:
        return refusal(
            OAuthRefusal(error=OAuthError.INVALID_CLIENT_METADATA, description=error.detail)
        )
    client = register_client(api.oauth, metadata, address=request.address)
    if isinstance(client, OAuthRefusal):
        return refusal(client)
    observability.info("client registered", client_id=client.client_id)
    return Response(
        status=201,
        body={
            "client_id": client.client_id,
            "client_id_issued_at": int(api.clock().timestamp()),
            "client_name": client.name,
            "redirect_uris": list(client.redirect_uris),
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        },
    )
