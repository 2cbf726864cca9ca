"""relay on Postgres, as it is deployed."""

from __future__ import annotations

from aiwebhook.cors import with_cors
from aiwebhook.settings.relay import RelaySettings
from aiwebhook.wiring.relay import wire_relay
from relay.door import RelayDoor

settings = RelaySettings.from_env()
door = RelayDoor(wire_relay(settings))
answer = with_cors(settings.cors_origins, door.answer)
