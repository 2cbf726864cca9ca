"""The token endpoint: exchanges a code or a refresh token for a new pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiwebhook.domain.identity import hash_of_key, new_secret
from aiwebhook.domain.oauth import (
    ACCESS_S,
    REFRESH_S,
    Grant,
    OAuthError,
    OAuthRefusal,
    TokenDecision,
    TokenOffer,
    decide_exchange,
    decide_refresh,
)
from aiwebhook.ports.oauth import NewTokens
from aiwebhook.usecases.oauth_services import OAuthServices

_UNKNOWN = OAuthRefusal(
    error=OAuthError.INVALID_GRANT, description="It is not known, or has expired."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """A new pair; neither token is stored or shown again."""

    access_token: str
    refresh_token: str
    expires_in: int
    scopes: Sequence[str]

    def __repr__(self) -> str:
        return "Tokens(…)"


def exchange_code(
    services: OAuthServices, code: str, offer: TokenOffer
) -> TokenPair | OAuthRefusal:
    """The first pair of a connection. A code used twice ends its connection. Raises Unavailable."""
    with services.store.transaction():
        grant = services.store.connection_of_code(hash_of_key(code))
        if grant is None:
            return _UNKNOWN
        return _settle(services, grant, decide_exchange(grant, offer), replaces=None)


def refresh(services: OAuthServices, token: str, offer: TokenOffer) -> TokenPair | OAuthRefusal:
    """The next pair of a connection. A refresh token reused after its grace period ends the
    connection. Raises Unavailable.
    """
    token_hash = hash_of_key(token)
    with services.store.transaction():
        grant = services.store.connection_of_refresh_token(token_hash)
        if grant is None:
            return _UNKNOWN
        return _settle(services, grant, decide_refresh(grant, offer), replaces=token_hash)


def _settle(
    services: OAuthServices, grant: Grant, verdict: TokenDecision, *, replaces: bytes | None
) -> TokenPair | OAuthRefusal:
    if verdict.ends is not None:
        services.store.end_connection(grant.connection_id, reason=verdict.ends)
    if verdict.refusal is not None:
        return verdict.refusal
    tokens = TokenPair(
        access_token=new_secret("aiwt", services.randomness),
        refresh_token=new_secret("aiwr", services.randomness),
        expires_in=ACCESS_S,
        scopes=grant.scopes,
    )
    kept = services.store.issue_tokens(
        NewTokens(
            connection_id=grant.connection_id,
            access_hash=hash_of_key(tokens.access_token),
            access_s=ACCESS_S,
            refresh_hash=hash_of_key(tokens.refresh_token),
            refresh_s=REFRESH_S,
            replaces=replaces,
        )
    )
    return tokens if kept else _UNKNOWN
