"""The networks that GitHub sends webhooks from, as its API lists them. Pure."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

NETWORKS_TRUSTED_S = 7 * 86_400
"""An older list refuses nobody: GitHub may send from elsewhere by now."""
NETWORKS_EVERY_S = 86_400.0
NETWORKS_RETRY_S = 3_600.0
"""After a failure; the list before stays."""
_MOST = 1_000


def read_networks(body: bytes) -> list[str] | None:
    """The list `hooks` of GitHub's `/meta`; None where it is none, or empty."""
    try:
        listed: Any = json.loads(body)["hooks"]
        networks = [str(ipaddress.ip_network(_text(entry))) for entry in listed]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return networks if 0 < len(networks) <= _MOST else None


def _text(entry: object) -> str:
    if not isinstance(entry, str) or "%" in entry:  # a zone is no network of Postgres
        raise ValueError("no network")
    return entry
