"""The environment of outbound."""

from __future__ import annotations

from pydantic import Field

from aiwebhook.settings import Settings


class OutboundSettings(Settings):
    """What outbound needs beyond the common names: no database, no secret, nothing of AWS."""

    allow_loopback_callbacks: bool = Field(alias="ALLOW_LOOPBACK_CALLBACKS", default=False)
