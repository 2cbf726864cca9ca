"""Subscriptions of MCP clients: what makes one, and how long it holds. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiwebhook.domain.signature import SECRET_PREFIX

PREFIX = "sub_"
MOST = 50
"""Live ones of a principal."""
GRANT_S = 30 * 86_400
"""What is granted to who asks for nothing or for more."""
LEAST_GRANT_S = 60
VERIFIED_S = 24 * 3600
"""An address need not show again within this time that it wants what is sent to it."""
_SECRET = re.compile(r"whsec_([A-Za-z0-9+/]+)={0,2}")
_SECRET_BYTES = range(24, 65)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionKey:
    """All that makes a subscription the one it is; `arguments` in one form for all that
    mean the same.
    """

    project_id: str
    principal: str
    url: str
    name: str
    arguments: Mapping[str, Any]

    @property
    def subscription_id(self) -> str:
        """The same for the same key, whenever and wherever it is asked for; it opens nothing."""
        parts = [self.project_id, self.principal, self.url, self.name, self.arguments]
        text = json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()
        return PREFIX + hashlib.sha256(text).hexdigest()[:40]

    @property
    def url_sha256(self) -> bytes:
        """By which its address is known to have been verified."""
        return hashlib.sha256(self.url.encode()).digest()


def is_subscription(endpoint_id: str | None) -> bool:
    """Whether a delivery's endpoint is that of a subscription, which has its id."""
    return endpoint_id is not None and endpoint_id.startswith(PREFIX)


def secret_bytes(secret: str) -> bytes | None:
    """The key in `whsec_` and base64 of 24–64 bytes, its padding optional; None
    for anything else.
    """
    match = _SECRET.fullmatch(secret)
    if match is None:
        return None
    try:
        key = base64.b64decode(match[1] + "=" * (-len(match[1]) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) in _SECRET_BYTES else None


def secret_text(key: bytes) -> str:
    """As signatures are made with it."""
    return SECRET_PREFIX + base64.b64encode(key).decode("ascii")


def grant_s(ttl_ms: object) -> int:
    """How long the subscription holds. No wish is refused: what makes no sense is none."""
    if isinstance(ttl_ms, bool) or not isinstance(ttl_ms, int | float):
        return GRANT_S
    return int(min(max(1000 * LEAST_GRANT_S, ttl_ms), 1000 * GRANT_S) / 1000)
