"""All raw routes, those of one protocol after the other."""

from __future__ import annotations

from session_api.introduction.routes import INTRODUCTION
from session_api.mcp_route import MCP_ROUTES
from session_api.oauth import authorize, metadata, register, token
from session_api.raw import RawRoute

RAW_ROUTES: tuple[RawRoute, ...] = (
    *INTRODUCTION,
    *MCP_ROUTES,
    *metadata.ROUTES,
    *authorize.ROUTES,
    *token.ROUTES,
    *register.ROUTES,
)
