"""OAuth clients: who asks to be let in, and where answers may go.

A client is a document at its own https URL (draft-ietf-oauth-client-id-metadata-document), or has
registered itself (RFC 7591). Both are strangers: what they say about themselves is shown as such.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from aiwebhook.domain.plain_text import plain_line

MAX_DOCUMENT = 64 * 1024
"""Bytes of a client's document that are read; real ones have less than one KiB."""
MAX_NAME = 80
MAX_REDIRECTS = 20
MAX_URI = 1000

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_APP_SCHEMES = frozenset({"claude", "cursor", "vscode", "vscode-insiders", "windsurf", "zed"})
"""Of programs known to register them. Others must be a domain in reverse (RFC 8252 §7.1)."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_PLAIN = re.compile(
    r"[!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+"
)  # no quote, space, backslash, fragment
_DOTS = re.compile(r"(^|/)\.\.?(/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """A client as far as it is known."""

    client_id: str
    name: str
    redirect_uris: Sequence[str]

    @property
    def is_document(self) -> bool:
        """Whether its id is the URL of its document: then its host vouches for it."""
        return is_document_url(self.client_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRefused:
    """Why a client is not let in; `reason` is a sentence for people."""

    reason: str
    for_now: bool = False
    """It may be let in later: there were too many attempts."""
    redirect: bool = False
    """Its redirect URIs are at fault."""


def is_document_url(client_id: str) -> bool:
    """Whether a client id is the URL of a document rather than one that we gave out."""
    return client_id.startswith(("https://", "http://"))


def document_url_fault(client_id: str, *, allow_loopback: bool = False) -> str | None:
    """What keeps a client id from being the URL of a document; None where nothing does."""
    if len(client_id) > MAX_URI or _PLAIN.fullmatch(client_id) is None:
        return "The client id is not a plain URL."
    parts = urlsplit(client_id)
    loopback = allow_loopback and parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not loopback:
        return "The client id must be an https URL."
    if "@" in parts.netloc or not parts.hostname:
        return "The client id must name a host, and no user."
    if parts.path in ("", "/") or _DOTS.search(parts.path):
        return "The client id must have a path, without dot segments."
    return None


def read_document(client_id: str, text: bytes) -> OAuthClient | ClientRefused:
    """A client out of the document found at its id."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return ClientRefused(reason="The client's document is not JSON.")
    if not isinstance(document, dict):
        return ClientRefused(reason="The client's document is not a JSON object.")
    said = cast("dict[str, Any]", document)
    if said.get("client_id") != client_id:
        return ClientRefused(reason="The client's document speaks of another client_id.")
    if str(said.get("token_endpoint_auth_method", "none")).startswith("client_secret"):
        return ClientRefused(reason="A client with a document can keep no secret with us.")
    return read_metadata(client_id, said)


def read_metadata(client_id: str, said: Mapping[str, Any]) -> OAuthClient | ClientRefused:
    """A client out of what it says about itself: `client_name` and `redirect_uris`."""
    uris: Any = said.get("redirect_uris")
    if not isinstance(uris, list) or not 1 <= len(cast("list[Any]", uris)) <= MAX_REDIRECTS:
        reason = f"redirect_uris must be a list of 1–{MAX_REDIRECTS} URIs."
        return ClientRefused(reason=reason, redirect=True)
    checked: list[str] = []
    for uri in cast("list[Any]", uris):
        fault = redirect_fault(uri) if isinstance(uri, str) else "is not text"
        if fault is not None:
            return ClientRefused(reason=f"A redirect URI {fault}.", redirect=True)
        checked.append(uri)
    name = said.get("client_name")
    shown = plain_line(name, limit=MAX_NAME).strip() if isinstance(name, str) else ""
    return OAuthClient(client_id=client_id, name=shown, redirect_uris=tuple(checked))


def redirect_fault(uri: str) -> str | None:
    """What is wrong with a redirect URI; None where nothing is.

    https to anywhere, http to this machine, or the scheme of a program. Never one that a
    browser would run.
    """
    if len(uri) > MAX_URI or _PLAIN.fullmatch(uri) is None:
        return "is not a plain URI without fragment"
    scheme, _, rest = uri.partition(":")
    if not rest.startswith("/") or _SCHEME.fullmatch(scheme) is None:
        return "is not an absolute URI"
    if scheme in ("http", "https"):
        return _web_fault(uri)
    if scheme in _APP_SCHEMES or "." in scheme:
        return None
    return "must be https, http on this machine, or the scheme of a known program"


def _web_fault(uri: str) -> str | None:
    try:
        parts = urlsplit(uri)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return "is not a URI"
    if "@" in parts.netloc or not host:
        return "must name a host, and no user"
    if parts.scheme == "http" and host not in _LOOPBACK:
        return "must be https, or http on this machine"
    return None


def redirect_matches(redirect_uri: str, registered: Sequence[str]) -> bool:
    """Character by character; of http on this machine the port is left out, since programs take a
    free one (RFC 8252 §7.3).
    """
    if redirect_fault(redirect_uri) is not None:
        return False
    return redirect_uri in registered or _without_port(redirect_uri) in {
        bare for uri in registered if (bare := _without_port(uri)) is not None
    }


def shown_host(uri: str) -> str:
    """Whom a person sees behind a redirect URI."""
    parts = urlsplit(uri)
    if parts.scheme == "http":
        return "a program on this computer"
    return parts.hostname or "" if parts.scheme == "https" else f"the program {parts.scheme}"


def _without_port(uri: str) -> tuple[str, str, str] | None:
    """Host, path and query of http on this machine; None for anything else."""
    parts = urlsplit(uri)
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        return None
    return parts.hostname, parts.path, parts.query
