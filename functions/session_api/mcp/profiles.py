"""Differences between clients, in one table; each row has a test with that client. A stateless
server recognises a client by what every request contains: the protocol version, `clientInfo` in
`_meta`, User-Agent. All clients tried so far cope with 20 s as the limit of `wait_seconds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from session_api.mcp.eras import MCP_PREFIX, WITHOUT_HEADER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_api.mcp.eras import McpClient

_CLIENT_INFO = f"{MCP_PREFIX}clientInfo"


class TextForm(StrEnum):
    """What the text of a result contains beside the structured content."""

    SHORT = "short"
    """What to say, and the short facts: the model also sees the structured content."""
    FULL = "full"
    """Everything, as JSON: the model sees nothing but the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A row applies to a `version`, or to clients whose User-Agent or clientInfo
    begins with `name`.
    """

    version: str | None = None
    name: str | None = None
    text: TextForm


PROFILES = (
    # structuredContent came with 2025-06-18. Shown by tests/mcp/test_profiles.py.
    Profile(version=WITHOUT_HEADER, text=TextForm.FULL),
    # Gives its model `content` alone (0.61.0; tests/doors/test_clis.py). It sends no
    # User-Agent of its own: docs/setup.md has one among its headers.
    Profile(name="gemini-cli", text=TextForm.FULL),
)


def text_form(client: McpClient, headers: Mapping[str, str]) -> TextForm:
    """The text form for this client."""
    info: Any = client.meta.get(_CLIENT_INFO)
    called: Any = cast("dict[str, Any]", info).get("name") if isinstance(info, dict) else None
    names = [each.lower() for each in (called, headers.get("user-agent")) if isinstance(each, str)]
    for row in PROFILES:
        if row.version == client.version:
            return row.text
        if row.name is not None and any(name.startswith(row.name) for name in names):
            return row.text
    return TextForm.SHORT
