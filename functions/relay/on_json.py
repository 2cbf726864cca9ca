"""relay on a folder of files."""

from __future__ import annotations

from aiwebhook.cors import with_cors
from aiwebhook.settings.folder import FolderSettings
from aiwebhook.wiring.folder import wire_folder
from relay.door import RelayDoor

settings = FolderSettings.from_env()
answer = with_cors(settings.cors_origins, RelayDoor(wire_folder(settings).relay).answer)
