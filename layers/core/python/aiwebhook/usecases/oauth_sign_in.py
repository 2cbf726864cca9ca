"""Sign-in on the consent page, and the connection the person allows."""

from __future__ import annotations

from enum import StrEnum

from aiwebhook.domain.identity import hash_of_key, new_secret
from aiwebhook.domain.oauth import CODE_S, AuthorizationRequest
from aiwebhook.domain.oauth_client import OAuthClient
from aiwebhook.domain.sign_in_code import parse_code
from aiwebhook.ids import new_id
from aiwebhook.ports.oauth import NewConnection, SignInRow
from aiwebhook.usecases.oauth_services import (
    GUESSES_AT_PERSON,
    GUESSES_OF_ADDRESS,
    OAuthServices,
    network_of,
)


class NotSignedIn(StrEnum):
    """Why sign-in failed."""

    WRONG = "wrong"
    """No person has this code."""
    TOO_MANY = "too_many"
    """Too many guesses from this address or at this person: none is checked now, right or wrong."""


def allow(
    services: OAuthServices,
    request: AuthorizationRequest,
    client: OAuthClient,
    *,
    host: str,
    person: SignInRow,
) -> str:
    """Create the connection the person consents to; returns its code, which is not
    stored. Raises Unavailable.
    """
    code = new_secret("aiwc", services.randomness)
    services.store.create_connection(
        NewConnection(
            connection_id=new_id("con"),
            person_id=person.person_id,
            client_id=client.client_id,
            client_name=client.name,
            client_host=host,
            scopes=request.scopes,
            resource=request.resource,
            redirect_uri=request.redirect_uri,
            code_challenge=request.code_challenge,
            code_hash=hash_of_key(code),
            code_s=CODE_S,
        )
    )
    return code


def sign_in(services: OAuthServices, typed: str, *, address: str | None) -> SignInRow | NotSignedIn:
    """The person whose code this is. Every try is counted before it is
    checked. Raises Unavailable.
    """
    if not GUESSES_OF_ADDRESS.take(services.store, network_of(address)):
        return NotSignedIn.TOO_MANY
    code = parse_code(typed)
    if code is None:
        return NotSignedIn.WRONG
    for person in services.store.people_of_handle(code.handle):
        if not GUESSES_AT_PERSON.take(services.store, person.person_id):
            return NotSignedIn.TOO_MANY
        if code.fits(person.code_salt, person.code_hash):
            return person
    return NotSignedIn.WRONG
