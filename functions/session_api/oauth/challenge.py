"""WWW-Authenticate of 401 and 403: where a client can sign in (RFC 6750, RFC 9728 §5.1)."""

from __future__ import annotations

from aiwebhook.domain.identity import Scope
from aiwebhook.door_paths import MCP_PATH, PROTECTED_RESOURCE_PATH
from aiwebhook.errors import Forbidden, Unauthorized


def challenge(public_url: str, error: Unauthorized | Forbidden) -> str:
    """The value of WWW-Authenticate. Gateways may rename it: discovery works without, for the
    document it names lies at the host's root.
    """
    parts = [
        f'resource_metadata="{public_url}{PROTECTED_RESOURCE_PATH}{MCP_PATH}"',
        f'scope="{Scope.COMMANDS}"',
    ]
    if error.code == "scope_missing":
        parts.insert(0, 'error="insufficient_scope"')
    elif error.code != "key_missing":
        parts.insert(0, 'error="invalid_token"')
    return f"Bearer {', '.join(parts)}"
