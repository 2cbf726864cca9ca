"""What an Accept header prefers (RFC 9110 §12.5.1). Pure."""

from __future__ import annotations

import re

from session_api.answer import JSON_TYPE

_BYTES = "application/octet-stream"
_JSON = re.compile(r"application/(?:[^;]+\+)?json")
_QUALITY = re.compile(r"[01](?:\.[0-9]{0,3})?")
_NOT_ACCEPTED = (0.0, 0)


def may_prefer_bytes(accept: str) -> bool:
    """False only where `prefers_bytes` is false for every media type: where `accept` asks for JSON
    or for anything, each with full quality."""
    return any(
        quality < 1 or not (name == "*/*" or _JSON.fullmatch(name))
        for name, quality in _ranges(accept)
    )


def prefers_bytes(accept: str, content_type: str) -> bool:
    """Whether bytes of this media type are wanted before the JSON that describes them.

    JSON wins every tie, so that `*/*`, which most programs send unasked, stays JSON. Whoever names
    no JSON at all gets the bytes: of the two, only they can be what was meant.
    """
    ranges = _ranges(accept)
    if not ranges:
        return False
    media = content_type.partition(";")[0].strip().lower()
    wanted = max(_weight(ranges, media), _weight(ranges, _BYTES))
    json = _weight([(JSON_TYPE if _JSON.fullmatch(r) else r, q) for r, q in ranges], JSON_TYPE)
    return wanted > json or json == wanted == _NOT_ACCEPTED


def prefers_json(accept: str, content_type: str) -> bool:
    """Whether JSON is wanted before this media type, which wins every tie: a page is what whoever
    says nothing gets.
    """
    ranges = _ranges(accept)
    json = _weight([(JSON_TYPE if _JSON.fullmatch(r) else r, q) for r, q in ranges], JSON_TYPE)
    return json > _weight(ranges, content_type)


def _ranges(accept: str) -> list[tuple[str, float]]:
    """Each media range with its quality, in lower case; what is not understood counts as 1."""
    found: list[tuple[str, float]] = []
    for part in accept.lower().split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        given = next((p[2:].strip() for p in parameters if p.startswith("q=")), "1")
        quality = float(given) if _QUALITY.fullmatch(given) else 1.0
        if media:
            found.append((media, min(quality, 1.0)))
    return found


def _weight(ranges: list[tuple[str, float]], media: str) -> tuple[float, int]:
    """Quality of the most specific range that covers `media`, then how specific that range is."""
    for precision, covering in ((3, media), (2, f"{media.partition('/')[0]}/*"), (1, "*/*")):
        qualities = [quality for name, quality in ranges if name == covering]
        if qualities:
            return (max(qualities), precision) if max(qualities) else _NOT_ACCEPTED
    return _NOT_ACCEPTED
