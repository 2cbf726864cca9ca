"""/webhook and /v1/commands: authenticate, parse, run, answer."""

from __future__ import annotations

from typing import Any

from aiwebhook import cold_start
from aiwebhook.cors import with_cors
from aiwebhook.settings.relay import RelaySettings
from aiwebhook.wiring.relay import wire_relay
from relay.door import RelayDoor

settings = RelaySettings.from_env()
door = RelayDoor(wire_relay(settings))
answer = with_cors(settings.cors_origins, door.answer)
cold_start.imported()


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one REST API (v1) proxy event."""
    return answer(event)
