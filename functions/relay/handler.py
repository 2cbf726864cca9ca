"""/webhook and /v1/commands: authenticate, parse, run, answer."""

from __future__ import annotations

from typing import Any

from aiwebhook import cold_start
from aiwebhook.settings import storage_backend

if storage_backend() == "json":
    from relay.on_json import answer
else:
    from relay.on_postgres import answer
cold_start.imported()


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one REST API (v1) proxy event."""
    return answer(event)
