"""OAuth clients: their metadata, and which redirect URIs are allowed.

A client is described by a document whose https URL is its id
(draft-ietf-oauth-client-id-metadata-document), or has registered itself (RFC 7591). Neither is
trusted: people are shown its metadata as the client's own claims.
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
"""Bytes. Real documents have less than one KiB."""
MAX_NAME = 80
MAX_REDIRECTS = 20
MAX_URI = 1000

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_APP_SCHEMES = frozenset({"claude", "cursor", "vscode", "vscode-insiders", "windsurf", "zed"})
"""Schemes of known programs. Any other must be a reversed domain name (RFC 8252 §7.1)."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_PLAIN = re.compile(
    r"[!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+"
)  # no quote, space, backslash, fragment
_DOTS = re.compile(r"(^|/)\.\.?(/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """A client with checked redirect URIs; its `name` is what it calls itself, perhaps empty."""

    client_id: str
    name: str
    redirect_uris: Sequence[str]

    @property
    def is_document(self) -> bool:
        """Whether its id is the URL of its document, so that the URL's host vouches for it."""
        return is_document_url(self.client_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRefused:
    """Why a client is refused; `reason` is a sentence for people."""

    reason: str
    for_now: bool = False
    """There were too many attempts; it may be accepted later."""
    redirect: bool = False
    """Its redirect URIs are at fault."""


def is_document_url(client_id: str) -> bool:
    """Whether a client id is the URL of a document rather than one that we assigned."""
    return client_id.startswith(("https://", "http://"))


def document_url_fault(client_id: str, *, allow_loopback: bool = False) -> str | None:
    """Why a client id is not a valid URL of a document; None if it is one."""
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
    """Read a client from the document at its id."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return ClientRefused(reason="The client's document is not JSON.")
    if not isinstance(document, dict):
        return ClientRefused(reason="The client's document is not a JSON object.")
    metadata = cast("dict[str, Any]", document)
    if metadata.get("client_id") != client_id:
        return ClientRefused(reason="The client's document speaks of another client_id.")
    if str(metadata.get("token_endpoint_auth_method", "none")).startswith("client_secret"):
        return ClientRefused(reason="A client with a document can keep no secret with us.")
    return read_metadata(client_id, metadata)


def read_metadata(client_id: str, metadata: Mapping[str, Any]) -> OAuthClient | ClientRefused:
    """Read a client from its metadata, of which `client_name` and `redirect_uris` count."""
    uris: Any = metadata.get("redirect_uris")
    if not isinstance(uris, list) or not 1 <= len(cast("list[Any]", uris)) <= MAX_REDIRECTS:
        reason = f"redirect_uris must be a list of 1–{MAX_REDIRECTS} URIs."
        return ClientRefused(reason=reason, redirect=True)
    checked: list[str] = []
    for uri in cast("list[Any]", uris):
        fault = redirect_fault(uri) if isinstance(uri, str) else "is not text"
        if fault is not None:
            return ClientRefused(reason=f"A redirect URI {fault}.", redirect=True)
        checked.append(uri)
    name = metadata.get("client_name")
    shown = plain_line(name, limit=MAX_NAME).strip() if isinstance(name, str) else ""
    return OAuthClient(client_id=client_id, name=shown, redirect_uris=tuple(checked))


def redirect_fault(uri: str) -> str | None:
    """What is wrong with a redirect URI; None if it is allowed.

    Allowed are https to any host, http to the person's own machine, and the scheme of a program;
    never a scheme that a browser would execute.
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
    """Whether a redirect URI is one of the registered ones. They are compared literally, but for
    http on loopback without the port, because programs listen on any free one (RFC 8252 §7.3).
    """
    if redirect_fault(redirect_uri) is not None:
        return False
    return redirect_uri in registered or _without_port(redirect_uri) in {
        bare for uri in registered if (bare := _without_port(uri)) is not None
    }


def shown_host(uri: str) -> str:
    """Names the receiver of a redirect URI for a person: its host, or the program."""
    parts = urlsplit(uri)
    if parts.scheme == "http":
        return "a program on this computer"
    return parts.hostname or "" if parts.scheme == "https" else f"the program {parts.scheme}"


def _without_port(uri: str) -> tuple[str, str, str] | None:
    """Host, path and query of an http URI on loopback; None for any other URI."""
    parts = urlsplit(uri)
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        return None
    return parts.hostname, parts.path, parts.query
