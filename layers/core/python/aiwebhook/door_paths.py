"""What is served at the root of the deployment's own URL: MCP, OAuth, and who we are.

On AWS an HTTP API serves these paths (infra), because clients look for the documents of RFC 8414
and RFC 9728 at the host's root, which a REST API's stage is not; the API itself too, so that who
knows this one URL needs no other. The local front serves everything.
"""

from __future__ import annotations

MCP_PATH = "/mcp"
AUTHORIZE_PATH = "/authorize"
TOKEN_PATH = "/token"  # noqa: S105 - a path of the API, no password
REGISTER_PATH = "/register"
SAY_PATH = "/v1/say"
WELL_KNOWN = "/.well-known/"
PROTECTED_RESOURCE_PATH = f"{WELL_KNOWN}oauth-protected-resource"

DOOR_PATHS = (
    "/",
    MCP_PATH,
    f"{MCP_PATH}/",
    AUTHORIZE_PATH,
    TOKEN_PATH,
    REGISTER_PATH,
    "/llms.txt",
    "/llm-instructions",
    "/examples",
)
API_ROUTES = (
    *("/v1/{proxy+}", "/docs", "/docs/{proxy+}", "/openapi.json", "/openapi-actions.json"),
    *("/health", "/healthz", "/readyz"),
)
"""The API's own, as routes of an HTTP API."""
RELAY_ROUTES = ("/webhook", "/webhook/{proxy+}", "/v1/commands")


def is_door_path(path: str) -> bool:
    """Whether the path is among them; everything below /.well-known/ is."""
    return path in DOOR_PATHS or path.startswith(WELL_KNOWN)
