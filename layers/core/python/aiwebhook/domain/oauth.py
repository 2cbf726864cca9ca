"""The decisions of OAuth 2.1: whether an authorization request is valid, and whether a code or a
refresh token yields tokens. Pure.

Times are seconds. Every token is 256 random bits, of which the store keeps the SHA-256. Tokens can
only be verified in the store, so a revocation there takes effect at once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aiwebhook.domain.identity import Scope
from aiwebhook.domain.oauth_client import MAX_URI

CODE_S = 300  # long enough for a cold start and a slow phone; RFC 6749 §4.1.2 says at most 600
ACCESS_S = 3600
REFRESH_S = 90 * 86_400  # sliding: each new refresh token starts it anew
GRACE_S = 120
"""How long a used refresh token still yields another successor, because Claude refreshes from two
addresses at once and replies get lost.
"""
MOST_SUCCESSORS = 20  # of one refresh token, so that a client in a loop cannot fill the table
SCOPES = (Scope.COMMANDS, Scope.READ)
"""The scopes that a connection can be granted."""

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_MAX_STATE = 2000


class OAuthError(StrEnum):
    """The `error` of RFC 6749, RFC 7591 and RFC 8707."""

    INVALID_REQUEST = "invalid_request"
    """A parameter is missing, malformed or repeated."""
    INVALID_CLIENT = "invalid_client"
    """There is no such client."""
    INVALID_GRANT = "invalid_grant"
    """The code or refresh token is invalid, or was issued for something else."""
    INVALID_SCOPE = "invalid_scope"
    """None of the requested scopes can be granted."""
    INVALID_TARGET = "invalid_target"
    """The token is requested for another server."""
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    """The grant type is neither authorization_code nor refresh_token."""
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    """The response type is not code."""
    ACCESS_DENIED = "access_denied"
    """The person declined."""
    INVALID_CLIENT_METADATA = "invalid_client_metadata"
    """A registration has invalid metadata."""
    INVALID_REDIRECT_URI = "invalid_redirect_uri"
    """A registration has a redirect URI that is not allowed."""
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    """There are too many requests at the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthRefusal:
    """An error response of RFC 6749; `description` is for the client's developer."""

    error: OAuthError
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A valid authorization request. Whether its redirect_uri is allowed is decided elsewhere
    (oauth_client.redirect_matches).
    """

    client_id: str
    redirect_uri: str
    state: str
    code_challenge: str
    scopes: tuple[Scope, ...]
    resource: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOffer:
    """What accompanied a code or refresh token at the token endpoint."""

    client_id: str
    resource: str | None
    redirect_uri: str | None = None
    verifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the store has about a code or refresh token."""

    connection_id: str
    client_id: str
    scopes: Sequence[str]
    resource: str
    expired: bool
    revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGrant(Grant):
    redirect_uri: str
    code_challenge: str
    used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshGrant(Grant):
    """A refresh token. `used_s_ago` is None if it has not been used."""

    used_s_ago: float | None
    successors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDecision:
    """Whether tokens are issued: they are unless there is a `refusal`. `ends` is the reason if the
    refusal also ends the whole connection.
    """

    refusal: OAuthRefusal | None = None
    ends: str | None = None


def read_request(
    params: Mapping[str, str], *, resource: str
) -> AuthorizationRequest | OAuthRefusal:
    """Parse a request of RFC 6749 §4.1.1 with PKCE and a resource. `client_id` and `redirect_uri`
    have been checked before.
    """
    if params.get("response_type") != "code":
        return OAuthRefusal(
            error=OAuthError.UNSUPPORTED_RESPONSE_TYPE, description="response_type must be code."
        )
    challenge = params.get("code_challenge", "")
    if params.get("code_challenge_method") != "S256" or _CHALLENGE.fullmatch(challenge) is None:
        return _bad("PKCE is required: code_challenge with code_challenge_method=S256.")
    if len(params.get("state", "")) > _MAX_STATE:
        return _bad(f"state must be at most {_MAX_STATE} characters.")
    if not names_resource(params.get("resource"), resource):
        return _other_resource(resource)
    scopes = _scopes(params.get("scope", ""))
    if not scopes:
        known = ", ".join(SCOPES)
        return OAuthRefusal(error=OAuthError.INVALID_SCOPE, description=f"The scopes are {known}.")
    return AuthorizationRequest(
        client_id=params["client_id"],
        redirect_uri=params["redirect_uri"],
        state=params.get("state", ""),
        code_challenge=challenge,
        scopes=scopes,
        resource=resource,
    )


def names_resource(requested: str | None, resource: str) -> bool:
    """Whether the requested resource is this server: its MCP URL, with or without a trailing slash,
    or its root. None is accepted too, because clients older than RFC 8707 send none.
    """
    if not requested:
        return True
    root = resource.removesuffix("/mcp")
    return len(requested) <= MAX_URI and requested.rstrip("/") in (resource, root)


def decide_exchange(grant: CodeGrant, offer: TokenOffer) -> TokenDecision:
    """Whether this code yields tokens. A second use ends the connection (RFC 6749 §4.1.2), because
    one of the two users has stolen the code.
    """
    if grant.client_id != offer.client_id:
        return _refuse("The code was issued to another client.")
    if not _verifies(offer.verifier, grant.code_challenge):
        return _refuse("code_verifier does not fit the code_challenge.")
    if offer.redirect_uri != grant.redirect_uri:
        return _refuse("redirect_uri is not the one the code was sent to.")
    if grant.used:
        return TokenDecision(refusal=_no("The code was used before."), ends="code_reused")
    if grant.revoked or grant.expired:
        return _refuse("The code has expired.")
    return _for_resource(grant, offer)


def decide_refresh(grant: RefreshGrant, offer: TokenOffer) -> TokenDecision:
    """Whether this refresh token yields tokens. A second use after GRACE_S ends the connection,
    because one of the two users has stolen the token.
    """
    if grant.client_id != offer.client_id:
        return _refuse("The refresh token was issued to another client.")
    if grant.revoked:
        return _refuse("The connection has ended.")
    if grant.used_s_ago is not None and grant.used_s_ago > GRACE_S:
        return TokenDecision(
            refusal=_no("The refresh token was used before."), ends="refresh_reused"
        )
    if grant.expired:
        return _refuse("The refresh token has expired.")
    if grant.successors >= MOST_SUCCESSORS:
        return _refuse("The refresh token was used too often.")
    return _for_resource(grant, offer)


def _for_resource(grant: Grant, offer: TokenOffer) -> TokenDecision:
    if not names_resource(offer.resource, grant.resource):
        return TokenDecision(refusal=_other_resource(grant.resource))
    return TokenDecision()


def _scopes(requested: str) -> tuple[Scope, ...]:
    """The requested scopes that can be granted; if none is requested, commands."""
    names = requested.split() or [str(Scope.COMMANDS)]
    return tuple(scope for scope in SCOPES if scope in names)


def _verifies(verifier: str | None, challenge: str) -> bool:
    if verifier is None or _VERIFIER.fullmatch(verifier) is None:
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    computed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return hmac.compare_digest(computed, challenge)


def _bad(description: str) -> OAuthRefusal:
    return OAuthRefusal(error=OAuthError.INVALID_REQUEST, description=description)


def _no(description: str) -> OAuthRefusal:
    return OAuthRefusal(error=OAuthError.INVALID_GRANT, description=description)


def _refuse(description: str) -> TokenDecision:
    return TokenDecision(refusal=_no(description))


def _other_resource(resource: str) -> OAuthRefusal:
    description = f"Tokens of this server are for {resource} only."
    return OAuthRefusal(error=OAuthError.INVALID_TARGET, description=description)
