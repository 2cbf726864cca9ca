"""All raw routes, those of one protocol after the other."""

from __future__ import annotations

from aiwebhook.door_paths import (
    AUTHORIZE_PATH,
    MCP_PATH,
    PROTECTED_RESOURCE_PATH,
    REGISTER_PATH,
    SAY_PATH,
    TOKEN_PATH,
    WELL_KNOWN,
)
from session_api.raw import RawRoute, handler_in

_TABLE = (
    ("GET", "/", "introduction.routes", "root"),
    ("GET", "/llm-instructions", "introduction.routes", "instructions"),
    ("GET", "/examples", "introduction.routes", "examples_page"),
    ("GET", "/llms.txt", "introduction.routes", "index"),
    ("GET", f"{WELL_KNOWN}ai-webhook.json", "introduction.routes", "well_known"),
    ("POST", SAY_PATH, "say.route", "answer_say"),
    ("POST", MCP_PATH, "mcp_route", "answer_mcp"),
    # Clients differ in whether they keep a slash that somebody typed.
    ("POST", f"{MCP_PATH}/", "mcp_route", "answer_mcp"),
    ("GET", PROTECTED_RESOURCE_PATH, "oauth.metadata", "protected_resource"),
    ("GET", f"{PROTECTED_RESOURCE_PATH}{MCP_PATH}", "oauth.metadata", "protected_resource"),
    ("GET", f"{WELL_KNOWN}oauth-authorization-server", "oauth.metadata", "authorization_server"),
    ("GET", AUTHORIZE_PATH, "oauth.authorize", "show"),
    ("POST", AUTHORIZE_PATH, "oauth.authorize", "decide"),
    ("POST", TOKEN_PATH, "oauth.token", "token"),
    ("POST", REGISTER_PATH, "oauth.register", "register"),
)
RAW_ROUTES = tuple(
    RawRoute(
        method=method, path=path, handle=handler_in(f"session_api.{module}", name), module=module
    )
    for method, path, module, name in _TABLE
)
