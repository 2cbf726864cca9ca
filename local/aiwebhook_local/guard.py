"""Who may talk to the front: programs of this machine, and pages that the front itself served;
through a configured tunnel, whoever knows its address.

A web page anywhere can make a developer's browser send requests to 127.0.0.1, and a host name under
a stranger's control can be pointed there (DNS rebinding). Behind the front is an AWS emulator that
runs code on request, so both are refused before anything else is looked at.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

_SAME_SITE = frozenset({"", "none", "same-origin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRefusal:
    """Why a request is refused; `detail` is for the reader of the answer."""

    code: str
    detail: str


def own_origins(port: int, public_url: str | None = None) -> frozenset[str]:
    """The origins at which the front may be addressed. `public_url`: of a tunnel."""
    origins = {f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
    if public_url is not None:
        origins.add("/".join(public_url.lower().split("/")[:3]))
    return frozenset(origins)


def guard_refusal(
    method: str, headers: Mapping[str, str], origins: frozenset[str]
) -> GuardRefusal | None:
    """Decide about a request by its lower-case headers; None lets it pass."""
    hosts = frozenset(own.partition("://")[2] for own in origins)
    host = headers.get("host", "").lower()
    if host not in hosts:
        return GuardRefusal(code="foreign_host", detail=f"Host must be one of {_listed(hosts)}.")
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in origins:
        return GuardRefusal(
            code="foreign_origin", detail="Pages of another origin may not call this."
        )
    if headers.get("sec-fetch-site", "") not in _SAME_SITE and not _follows_link(method, headers):
        return GuardRefusal(
            code="foreign_origin", detail="Pages of another site may not call this."
        )
    return None


def is_emulator_call(headers: Mapping[str, str], query: Mapping[str, str], token: str) -> bool:
    """True for calls to the AWS emulator: they carry the session token of this stack.

    The token is random per start and known to the stack's own processes only, so that neither a
    webhook, nor another user of the machine, nor a page can reach the emulator.
    """
    given = headers.get("x-amz-security-token") or query.get("X-Amz-Security-Token") or ""
    return hmac.compare_digest(given.encode(), token.encode())


def _follows_link(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser follows a link from another site. That is harmless: the page is shown to
    the person, and the other site cannot read it.
    """
    return (
        method == "GET"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _listed(hosts: frozenset[str]) -> str:
    return ", ".join(sorted(hosts))
