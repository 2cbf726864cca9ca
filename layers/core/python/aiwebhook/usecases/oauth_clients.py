"""OAuth clients: described by a document at the URL that is their id, or self-registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.domain.oauth import OAuthError, OAuthRefusal
from aiwebhook.domain.oauth_client import (
    MAX_DOCUMENT,
    ClientRefused,
    OAuthClient,
    document_url_fault,
    is_document_url,
    read_document,
    read_metadata,
)
from aiwebhook.ids import new_id
from aiwebhook.ports.oauth import NoDocument
from aiwebhook.usecases.oauth_services import (
    DOCUMENTS_OF_ADDRESS,
    MOST_CLIENTS,
    REGISTRATIONS,
    REGISTRATIONS_OF_ADDRESS,
    OAuthServices,
    network_of,
)


def find_client(
    services: OAuthServices, client_id: str, *, address: str | None
) -> OAuthClient | ClientRefused:
    """The client of an id. Its document is fetched each time, so that it is never out of
    date. Raises Unavailable.
    """
    if not is_document_url(client_id):
        found = services.store.find_client(client_id) if len(client_id) <= 100 else None
        return found or ClientRefused(
            reason="This program is not registered here, or no longer is. Connect it again."
        )
    fault = document_url_fault(client_id, allow_loopback=services.allow_loopback)
    if fault is not None:
        return ClientRefused(reason=fault)
    if not DOCUMENTS_OF_ADDRESS.take(services.store, network_of(address)):
        reason = "Too many attempts from your network. Try again in an hour."
        return ClientRefused(reason=reason, for_now=True)
    text = services.documents().read(client_id, limit=MAX_DOCUMENT)
    if isinstance(text, NoDocument):
        return ClientRefused(reason=f"The client's document could not be read: {text.reason}.")
    return read_document(client_id, text)


def register_client(
    services: OAuthServices, metadata: Mapping[str, Any], *, address: str | None
) -> OAuthClient | OAuthRefusal:
    """Store a client that registers itself (RFC 7591). Raises Unavailable."""
    within = REGISTRATIONS_OF_ADDRESS.take(
        services.store, network_of(address)
    ) and REGISTRATIONS.take(services.store, "all")
    if not within:
        return _later("Too many registrations. Try again in an hour.")
    client = read_metadata(new_id("cli"), metadata)
    if isinstance(client, ClientRefused):
        error = OAuthError.INVALID_CLIENT_METADATA
        if client.redirect:
            error = OAuthError.INVALID_REDIRECT_URI
        return OAuthRefusal(error=error, description=client.reason)
    if not services.store.register_client(client, most=MOST_CLIENTS):
        return _later("Too many clients are registered. Try again tomorrow.")
    return client


def _later(description: str) -> OAuthRefusal:
    return OAuthRefusal(error=OAuthError.TEMPORARILY_UNAVAILABLE, description=description)
