"""Which headers are passed to a provider, and which are passed back."""

from collections.abc import Iterable

from multidict import CIMultiDict

_HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer"
    " trailers transfer-encoding upgrade expect host".split()
)
_CHOOSING_AN_ACCOUNT = frozenset(
    "authorization cookie x-api-key openai-organization openai-project anthropic-workspace-id"
    " x-http-method-override x-method-override".split()
)
_OURS = frozenset("accept accept-encoding forwarded via origin referer".split())
"""Responses come uncompressed, because they are metered, and as JSON or events."""
_ACCOUNTS_OWN = frozenset(
    "set-cookie openai-organization openai-project anthropic-organization-id server via alt-svc"
    " strict-transport-security content-encoding content-length location".split()
)


def to_provider(headers: Iterable[tuple[str, str]]) -> CIMultiDict[str]:
    """The agent's headers without those that belong to the connection, choose an account, or change
    the response: a Google field mask (x-goog-fieldmask), for example, could drop the usage.
    """
    given = list(headers)
    dropped = _DROPPED | _named(given)
    kept = CIMultiDict((name, value) for name, value in given if name.lower() not in dropped)
    for name in list(kept):
        lower = name.lower()
        if lower.startswith(("x-forwarded", "x-google-")) or (
            lower.startswith("x-goog-") and lower != "x-goog-api-client"
        ):
            kept.popall(name, None)
    kept["Accept-Encoding"] = "identity"
    return kept


def to_agent(headers: Iterable[tuple[str, str]]) -> CIMultiDict[str]:
    """The provider's headers without those that belong to the connection or reveal the account."""
    given = list(headers)
    dropped = _HOP_BY_HOP | _ACCOUNTS_OWN | _named(given)
    return CIMultiDict((name, value) for name, value in given if name.lower() not in dropped)


_DROPPED = _HOP_BY_HOP | _CHOOSING_AN_ACCOUNT | _OURS


def _named(headers: list[tuple[str, str]]) -> frozenset[str]:
    """Headers that Connection declares hop-by-hop (RFC 9110 §7.6.1), but never Content-Length:
    without it, the body passed on could end elsewhere than the metered one.
    """
    tokens = (value for name, value in headers if name.lower() == "connection")
    listed = {token.strip().lower() for value in tokens for token in value.split(",")}
    return frozenset(listed - {"content-length", "content-type", "content-encoding"})
