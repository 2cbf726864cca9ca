"""POST /token: a code or a refresh token for a pair of tokens (RFC 6749 §3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook import observability
from aiwebhook.domain.oauth import OAuthError, OAuthRefusal, TokenOffer
from aiwebhook.http import Request, Response
from aiwebhook.usecases.oauth_tokens import TokenPair, exchange_code, refresh
from session_api.oauth.forms import read_form, refusal

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def token(api: SessionApi, request: Request, _limits: dict[str, str]) -> Response:
    """The tokens, or an error of RFC 6749 §5.2."""
    form = read_form(request)
    if isinstance(form, OAuthRefusal):
        return refusal(form)
    outcome = _outcome(api, form)
    kind = form.get("grant_type", "")[:40]
    if isinstance(outcome, OAuthRefusal):
        observability.info("tokens refused", grant_type=kind, error=str(outcome.error))
        return refusal(outcome)
    observability.info("tokens issued", grant_type=kind)
    return Response(
        status=200,
        body={
            "access_token": outcome.access_token,
            "token_type": "Bearer",
            "expires_in": outcome.expires_in,
            "refresh_token": outcome.refresh_token,
            "scope": " ".join(outcome.scopes),
        },
        headers=_NO_STORE,
    )


def _outcome(api: SessionApi, form: dict[str, str]) -> TokenPair | OAuthRefusal:
    needed = {"authorization_code": "code", "refresh_token": "refresh_token"}
    shown = needed.get(form.get("grant_type", ""))
    if shown is None:
        return OAuthRefusal(
            error=OAuthError.UNSUPPORTED_GRANT_TYPE,
            description="grant_type must be authorization_code or refresh_token.",
        )
    for name in ("client_id", shown):
        if not form.get(name):
            return OAuthRefusal(error=OAuthError.INVALID_REQUEST, description=f"{name} is missing.")
    offer = TokenOffer(
        client_id=form["client_id"],
        resource=form.get("resource"),
        redirect_uri=form.get("redirect_uri"),
        verifier=form.get("code_verifier"),
    )
    if shown == "code":
        return exchange_code(api.oauth, form["code"], offer)
    return refresh(api.oauth, form["refresh_token"], offer)
