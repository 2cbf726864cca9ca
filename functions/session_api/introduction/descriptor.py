"""What this service is, for programs: at /.well-known/ai-webhook.json, at / for clients that prefer
JSON, and in the form of llms.txt (https://llmstxt.org).
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

NAME = "AI Webhook"
SUMMARY = (
    "Keeps what a conversation is about, remembers what was decided, and hands work to background"
    " agents whose results come back with the next request."
)


def descriptor(url: str) -> dict[str, Any]:
    """The descriptor of the service at this URL."""
    return {
        "name": NAME,
        "description": SUMMARY,
        "url": url,
        "instructions": f"{url}/llm-instructions",
        "examples": f"{url}/examples",
        "commands": {
            "url": f"{url}/webhook",
            "method": "POST",
            "content_type": "application/json",
            "example": {
                "command": "create_session",
                "session_id": "carbon_planning",
                "data": {"title": "Carbon planning"},
            },
            "help": {"command": "help"},
        },
        "mcp": {"url": f"{url}/mcp", "transport": "streamable-http"},
        "openapi": f"{url}/openapi.json",
        "openapi_actions": f"{url}/openapi-actions.json",
        "documentation": f"{url}/docs",
        "health": f"{url}/healthz",
        "authentication": {
            "api_key": "Authorization: Bearer <key>, or X-API-Key: <key>",
            "oauth": f"{url}/.well-known/oauth-protected-resource",
        },
        "errors": "application/problem+json (RFC 9457) with code, remedy and example",
    }


def llms_txt(url: str) -> str:
    """The index of what a model should read."""
    text = files("session_api.introduction").joinpath("llms.txt").read_text(encoding="utf-8")
    return text.replace("{url}", url)
