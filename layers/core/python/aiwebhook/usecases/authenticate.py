"""Authenticates a request and applies its rate limit (429), in one statement: API key or access
token, scope, address, bucket.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeVar

from aiwebhook import observability
from aiwebhook.domain.identity import Caller, Scope, hash_of_key
from aiwebhook.errors import Forbidden, RateLimited, Unauthorized
from aiwebhook.ports.authenticator import Authenticator, KeyCheck, StaleKeyCheck

Served = TypeVar("Served")
MAX_API_KEY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """What a request presents to be authenticated. `limits` gets the headers of the rate limit as
    soon as its key is found, even if the request is then refused.
    """

    headers: Mapping[str, str]
    address: str | None
    resource: str | None = None
    """The URL that access tokens must be issued for; None: API keys only."""
    limits: dict[str, str] = field(default_factory=dict[str, str])


def authenticate(
    authenticator: Authenticator, authentication: Authentication, *, scope: Scope
) -> Caller:
    """The caller, who has at least `scope`. Takes one token of the key's rate limit. Raises
    Unauthorized, Forbidden, RateLimited, Unavailable.
    """
    key = _presented_key(authentication.headers)
    found = authenticator.check_key(key_hash=hash_of_key(key), address=_address(authentication))
    if found is None:
        raise Unauthorized("The API key is not known.", code="key_unknown")
    authentication.limits.update(_limits(found))
    return _caller(found, authentication, scope)


def serve_authenticated(
    authenticator: Authenticator,
    authentication: Authentication,
    serve: Callable[[Caller], Served],
    *,
    scope: Scope,
) -> Served:
    """What `serve` returns for the caller, who has at least `scope`.

    For a key that this process has checked before, the check is sent together with the first
    statement that `serve` runs, and runs before it, in the same transaction. A failed check wins
    over whatever `serve` raised. Raises what `authenticate` and `serve` raise.
    """
    key_hash = hash_of_key(_presented_key(authentication.headers))
    recheck = authenticator.recheck_key(key_hash=key_hash, address=_address(authentication))
    if recheck is None:
        return serve(authenticate(authenticator, authentication, scope=scope))
    try:
        try:
            return serve(_caller(recheck.cached, authentication, scope))
        finally:
            authentication.limits.update(_limits(recheck.confirmed()))
    except StaleKeyCheck:
        recheck.drop()
        return serve(authenticate(authenticator, authentication, scope=scope))
    except BaseException:
        recheck.drop()  # or the check would be sent with the next request
        raise


def _caller(found: KeyCheck, authentication: Authentication, scope: Scope) -> Caller:
    if found.person_id is not None:
        _check_token(found, authentication.resource)
    _check(found)
    observability.add_facts(key_id=found.key_id)  # the gateway's access log cannot know it
    caller = Caller(
        project_id=found.project_id,
        key_id=found.key_id,
        scopes=_scopes(tuple(found.scopes)),
        person_id=found.person_id,
    )
    if not caller.may(scope):
        raise Forbidden(
            f"The API key lacks the scope '{scope}'.",
            code="scope_missing",
            remedy=f"Use a key with the scope '{scope}'.",
        )
    return caller


@lru_cache(maxsize=100)
def _scopes(names: tuple[str, ...]) -> frozenset[Scope]:
    return frozenset(Scope(name) for name in names)


def _check_token(found: KeyCheck, resource: str | None) -> None:
    """Checks that apply to access tokens only. Raises Unauthorized."""
    if found.resource != resource:
        raise Unauthorized(
            f"The access token is for {found.resource} only.", code="token_for_another_resource"
        )
    if found.revoked or found.expired:
        raise Unauthorized("The access token has ended.", code="token_expired")


def _check(found: KeyCheck) -> None:
    if found.revoked:
        raise Unauthorized("The API key was revoked.", code="key_revoked")
    if found.expired:
        raise Unauthorized("The API key has expired.", code="key_expired")
    if not found.address_allowed:
        raise Forbidden(
            "The API key may not be used from this address.",
            code="address_not_allowed",
        )
    if not found.granted:
        wait = (1 - found.tokens) * 60 / found.rate_per_minute
        raise RateLimited(
            f"More than {found.rate_per_minute} requests a minute.", retry_after_s=max(wait, 1)
        )


def _presented_key(headers: Mapping[str, str]) -> str:
    """`Authorization: Bearer <key>` or `X-API-Key: <key>`; header names come in lower case."""
    authorization = headers.get("authorization")
    if authorization is not None:
        scheme, _, key = authorization.strip().partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise Unauthorized(
                "The Authorization header is not 'Bearer <key>'.", code="key_malformed"
            )
    else:
        key = headers.get("x-api-key", "").strip()
        if not key:
            raise Unauthorized("The request carries no API key.", code="key_missing")
    if len(key) > MAX_API_KEY or not key.isascii() or not key.isprintable():
        raise Unauthorized("The API key is malformed.", code="key_malformed")
    return key


def caller_address(text: str | None) -> IPv4Address | IPv6Address | None:
    """The caller's IP address; an IPv4 address mapped into IPv6 as IPv4. None: unknown, or an
    address with a zone (`fe80::1%eth0`), which no list of networks can name.
    """
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or (None if address.scope_id else address)
    return address


def _address(authentication: Authentication) -> str | None:
    return _written(authentication.address)


@lru_cache(maxsize=1_000)
def _written(text: str | None) -> str | None:
    address = caller_address(text)
    return None if address is None else str(address)


def _limits(found: KeyCheck) -> dict[str, str]:
    """RateLimit and RateLimit-Policy of draft-ietf-httpapi-ratelimit-headers-10: the bucket
    after this request.
    """
    rate = found.rate_per_minute
    remaining = max(0, math.floor(found.tokens))
    full_in_s = math.ceil(max(0.0, found.burst - found.tokens) * 60 / rate)
    return {
        "RateLimit-Policy": f'"default";q={rate};w=60',
        "RateLimit": f'"default";r={remaining};t={full_in_s}',
    }
