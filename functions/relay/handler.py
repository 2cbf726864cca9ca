"""POST /webhook and POST /v1/commands: authenticate, parse, run, answer."""

from __future__ import annotations

from typing import Any

from aiwebhook.wiring.relay import relay_parts
from relay.door import RelayDoor
from relay.settings import RelaySettings

door = RelayDoor(relay_parts(RelaySettings.from_env()))


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one REST API (v1) proxy event."""
    return door.answer(event)
