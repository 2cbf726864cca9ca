"""The Lambda function behind every path that relay does not serve."""

from __future__ import annotations

from typing import Any

from aiwebhook import cold_start
from aiwebhook.settings import storage_backend

if storage_backend() == "json":
    from session_api.on_json import answer
else:
    from session_api.on_postgres import answer
cold_start.imported()


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one REST API event; errors become problem+json."""
    return answer(event)
