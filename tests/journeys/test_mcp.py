"""The running stack answers /mcp as a chat app asks it."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from aiwebhook_local.stack import StackInfo
from tests.support.tenant import Tenant
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("D2", "O5")
Json = dict[str, Any]


def asked(stack: StackInfo, key: str, method: str, params: Json, path: str = "/mcp") -> Json:
    """The result of a request of the older era."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    request = urllib.request.Request(
        f"{stack.url}{path}",
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "Authorization": f"Bearer {key}",
        },
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.loads(reply.read())["result"]


def test_a_chat_delegates_by_tool_and_gets_the_result(stack: StackInfo, project: Tenant) -> None:
    key = project.key

    def tool(name: str, **arguments: Any) -> Json:
        params = {"name": name, "arguments": arguments}
        result = asked(stack, key, "tools/call", params, "/mcp/")
        assert not result["isError"], result
        return result["structuredContent"]

    begun = asked(stack, key, "initialize", {"protocolVersion": "2025-11-25"})
    assert begun["serverInfo"]["name"] == "aiwebhook"
    session = tool("start_session", title="Copper")["session_id"]
    tool("add_to_session", session="Copper", content="Ana: We take copper.")
    given = tool("delegate_task", agent="researcher", instructions="What was said of copper?")
    assert given["session_id"] == session

    def told() -> Json | None:
        return next(iter(tool("get_updates", session="latest")["updates"]), None)

    update = eventually(told, within_s=60)
    assert update["task_id"] == given["data"]["task_id"]
