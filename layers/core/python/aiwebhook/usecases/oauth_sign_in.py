"""Who signs in on the consent page, and what they allow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aiwebhook.domain.identity import hash_of_key
from aiwebhook.domain.oauth import CODE_S, AuthorizationRequest, new_token
from aiwebhook.domain.oauth_client import Client
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
    """Why nobody is signed in."""

    WRONG = "wrong"
    """No person has this code."""
    TOO_MANY = "too_many"
    """Guesses of this address, or at this person: none is looked at now, right or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A code for the client; the only time it is known."""

    code: str


def allow(
    services: OAuthServices,
    asked: AuthorizationRequest,
    client: Client,
    *,
    host: str,
    person: SignInRow,
) -> Allowed:
    """Make the connection that the person consents to. Raises Unavailable."""
    code = new_token("aiwc", services.randomness)
    services.store.create_connection(
        NewConnection(
            connection_id=new_id("con"),
            person_id=person.person_id,
            client_id=client.client_id,
            client_name=client.name,
            client_host=host,
            scopes=asked.scopes,
            resource=asked.resource,
            redirect_uri=asked.redirect_uri,
            code_challenge=asked.code_challenge,
            code_hash=hash_of_key(code),
            code_s=CODE_S,
        )
    )
    return Allowed(code=code)


def sign_in(services: OAuthServices, typed: str, *, address: str | None) -> SignInRow | NotSignedIn:
    """The person whose code this is. Every try counts, before it is looked
    at. Raises Unavailable.
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
