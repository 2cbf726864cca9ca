"""Repeated calls whose session somebody has deleted in between."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.mcp import McpClient

pytestmark = pytest.mark.req("D2", "S5")


def started(client: McpClient, title: str) -> str:
    return client.tool("start_session", title=title)["session_id"]


def delegated(client: McpClient) -> dict[str, Any]:
    return client.tool("delegate_task", agent="researcher", instructions="Look")


def _delete(client: McpClient, session: str) -> None:
    assert client.driver.call("DELETE", f"/v1/sessions/{session}").status == 200


def test_a_call_whose_session_was_deleted_since_is_done_anew(alone: McpClient) -> None:
    sessions = [started(alone, "Copper")]
    for _ in range(2):
        _delete(alone, sessions[-1])
        sessions.append(started(alone, "Copper"))
        assert started(alone, "Copper") == sessions[-1], "repeated, it is one call again"
    assert len(set(sessions)) == 3
    said = alone.tool("add_to_session", session=sessions[-1], content="Yes.")
    assert said["session_id"] == sessions[-1]
    task = delegated(alone)
    _delete(alone, sessions[-1])
    again = delegated(alone)
    assert again["data"]["task_id"] != task["data"]["task_id"]
    assert again["session_id"] not in sessions


def test_the_same_request_id_is_never_done_anew(alone: McpClient) -> None:
    """Of two answers to one key none may be another session: only the caller knows that it
    is another request.
    """
    first = alone.tool("start_session", title="Copper", request_id="one")
    _delete(alone, first["session_id"])
    again = alone.tool("start_session", title="Copper", request_id="one")
    assert again["session_id"] == first["session_id"]
    assert "has been deleted since" in again["notes"][0]
    other = alone.tool("start_session", title="Copper", request_id="two")
    assert other["session_id"] != first["session_id"]
    assert "notes" not in other or not other["notes"]
