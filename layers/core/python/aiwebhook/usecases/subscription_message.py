"""Messages to a subscription's receiver: events, and notices about the subscription itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiwebhook.domain.signature import callback_headers
from aiwebhook.domain.subscription import secret_text
from aiwebhook.ports.deliveries import Callback

LARGEST = 256 * 1024
"""Bytes of a body at most."""
_SUBSCRIPTION_ID = "X-MCP-Subscription-Id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where a subscription's messages go, and the secrets that sign them, newest first."""

    subscription_id: str
    url: str
    secrets: Sequence[bytes]

    def message(self, message_id: str, body: bytes, at: datetime) -> Callback:
        """One signed POST."""
        secrets = [secret_text(secret) for secret in self.secrets]
        headers = callback_headers(secrets, message_id, int(at.timestamp()), body)
        return Callback(
            url=self.url, headers={**headers, _SUBSCRIPTION_ID: self.subscription_id}, body=body
        )


def body_of(document: Mapping[str, Any]) -> bytes:
    """The exact bytes that are signed and sent."""
    return json.dumps(document, separators=(",", ":")).encode("ascii")
