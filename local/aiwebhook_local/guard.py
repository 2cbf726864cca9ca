"""Who may talk to the front: programs of this machine, and pages that the front itself served.

A web page anywhere can make the browser of a developer send requests to 127.0.0.1, and a host name
under a stranger's control can be pointed there (DNS rebinding). Behind the front stands an AWS
emulator that runs code on request, so both are refused before anything else is looked at.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

_SAME_SITE = frozenset({"", "none", "same-origin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is turned away; `detail` is for the reader of the answer."""

    code: str
    detail: str


def own_hosts(port: int) -> frozenset[str]:
    """The values of `Host` under which the front is reached rightfully."""
    return frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})


def refuse(method: str, headers: Mapping[str, str], hosts: frozenset[str]) -> Refusal | None:
    """Decide about a request by its lower-case headers; None lets it pass."""
    host = headers.get("host", "").lower()
    if host not in hosts:
        return Refusal(code="foreign_host", detail=f"Host must be one of {_listed(hosts)}.")
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in {f"http://{own}" for own in hosts}:
        return Refusal(code="foreign_origin", detail="Pages of another origin may not call this.")
    if headers.get("sec-fetch-site", "") not in _SAME_SITE and not _follows_link(method, headers):
        return Refusal(code="foreign_origin", detail="Pages of another site may not call this.")
    return None


def is_emulator_call(headers: Mapping[str, str], query: Mapping[str, str], token: str) -> bool:
    """True for calls to the AWS emulator: they carry the session token of this stack.

    The token is random per start and known to the stack's own processes only, so that neither a
    webhook, nor another user of the machine, nor a page can reach the emulator.
    """
    given = headers.get("x-amz-security-token") or query.get("X-Amz-Security-Token") or ""
    return hmac.compare_digest(given.encode(), token.encode())


def _follows_link(method: str, headers: Mapping[str, str]) -> bool:
    """A link on another site to the documentation: the browser shows it, the site sees nothing."""
    return (
        method == "GET"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _listed(hosts: frozenset[str]) -> str:
    return ", ".join(sorted(hosts))
