"""The tools: what they are called, what they take, and that they do what the commands do."""

from __future__ import annotations

import pytest

from tests.support.mcp import McpClient

pytestmark = pytest.mark.req("D2")


def test_a_session_is_started_remembered_and_worked_on(client: McpClient) -> None:
    started = client.tool("start_session", title="Copper")
    assert started["say"] == "I opened the session."
    session = started["session_id"]
    client.tool("save_memory", session=session, content="We take copper", type="decision")
    found = client.tool("search_memories", session=session, query="copper")
    assert [m["content"] for m in found["data"]["memories"]] == ["We take copper"]
    given = client.tool("delegate_task", agent="researcher", instructions="Go", session=session)
    task = client.tool("get_task", task=given["data"]["task_id"])
    assert task["data"]["status"] == "pending"
