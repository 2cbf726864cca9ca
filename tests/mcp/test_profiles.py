"""Clients whose model sees the text alone have everything in it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from session_api.mcp.bounded import MAX_CHARS
from session_api.mcp.eras import MCP_PREFIX, MODERN
from tests.support.mcp import McpClient, promised

pytestmark = pytest.mark.req("D2")
Json = dict[str, Any]
LONG = "We take copper. " * 200


def text_of(client: McpClient, headers: dict[str, str], meta: Json, **arguments: Any) -> str:
    """What search_memories says to such a client."""
    params: Json = {"name": "search_memories", "arguments": arguments}
    body = client.request("tools/call", params)
    body["params"].setdefault("_meta", {}).update(meta)
    told = client.post(body, {**client.headers("tools/call", params), **headers}).body["result"]
    promised("search_memories").validate(told["structuredContent"])
    text: str = told["content"][0]["text"]
    assert len(text) + len(json.dumps(told["structuredContent"], ensure_ascii=False)) <= MAX_CHARS
    return text


@pytest.mark.parametrize(
    ("version", "headers", "meta", "full"),
    [
        ("2025-11-25", {}, {}, False),
        ("2025-11-25", {"User-Agent": "node"}, {}, False),
        ("2025-11-25", {"User-Agent": "gemini-cli"}, {}, True),
        (MODERN, {}, {f"{MCP_PREFIX}clientInfo": {"name": "gemini-cli-mcp-client"}}, True),
        (MODERN, {}, {f"{MCP_PREFIX}clientInfo": {"name": 7}}, False),
        (MODERN, {}, {f"{MCP_PREFIX}clientInfo": []}, False),
        ("2025-03-26", {}, {}, True),
    ],
)
def test_the_text_has_what_the_model_of_this_client_can_see(
    alone: McpClient, version: str, headers: dict[str, str], meta: Json, full: bool
) -> None:
    session = alone.tool("start_session", title="Copper")["session_id"]
    alone.tool("save_memory", session=session, content=LONG, type="note")
    client = replace(alone, version=version)
    text = text_of(client, headers, meta, session=session)
    assert (LONG in text) is full
    for n in range(3):
        alone.tool("save_memory", session=session, content=f"{n}" + "x" * 40_000, type="note")
    text = text_of(client, headers, meta, session=session)
    assert '"cursor": "' in text
