"""Drives POST /mcp as a client of either era does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from aiwebhook.commands.mcp_tools import MCP_TOOLS
from session_api.mcp.eras import MCP_PREFIX, MODERN
from session_api.mcp.outputs import output_schema
from tests.support.session_api import ApiDriver, ApiReply

Json = dict[str, Any]
NAMED = {
    "tools/call": "name",
    "prompts/get": "name",
    "resources/read": "uri",
    "tasks/get": "taskId",
    "tasks/update": "taskId",
    "tasks/cancel": "taskId",
}


@cache
def promised(tool: str) -> Any:
    """What every result of the tool must be valid against, as clients check it."""
    command = next(command for command, spec in MCP_TOOLS.items() if spec.name == tool)
    return Draft202012Validator(output_schema(command))


@dataclass(frozen=True, slots=True, kw_only=True)
class McpClient:
    """A client of one version; `capabilities` are what it declares in the era of 2026-07-28."""

    driver: ApiDriver
    version: str = "2025-11-25"
    capabilities: Json | None = None
    token: str | None = ""

    def post(
        self, body: Json | list[Any] | bytes, headers: dict[str, str] | None = None
    ) -> ApiReply:
        """One POST with exactly this body."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.driver.call("POST", "/mcp", raw, headers=headers or {}, token=self.token)

    def request(self, method: str, params: Json | None = None) -> Json:
        """The body of a request."""
        params = dict(params or {})
        if self.version == MODERN:
            params["_meta"] = {
                f"{MCP_PREFIX}protocolVersion": MODERN,
                f"{MCP_PREFIX}clientCapabilities": self.capabilities or {},
            }
        return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}

    def headers(self, method: str, params: Json | None = None) -> dict[str, str]:
        """The headers that go with it."""
        sent = {"MCP-Protocol-Version": self.version}
        if self.version == MODERN:
            sent["Mcp-Method"] = method
            if method in NAMED:
                sent["Mcp-Name"] = str((params or {}).get(NAMED[method]))
        return sent

    def call(self, method: str, params: Json | None = None) -> Json:
        """The whole answer: `result` or `error`."""
        return self.post(self.request(method, params), self.headers(method, params)).body

    def result(self, method: str, params: Json | None = None) -> Json:
        """The result."""
        answer = self.call(method, params)
        assert "result" in answer, answer
        return answer["result"]

    def tool(self, name: str, /, **arguments: Any) -> Json:
        """The structured content of a tool that does what it is asked."""
        result = self.result("tools/call", {"name": name, "arguments": arguments})
        assert not result["isError"], result
        promised(name).validate(result["structuredContent"])
        return result["structuredContent"]

    def refused(self, name: str, /, **arguments: Any) -> str:
        """The text of a tool that refuses."""
        result = self.result("tools/call", {"name": name, "arguments": arguments})
        assert result["isError"], result
        return result["content"][0]["text"]
