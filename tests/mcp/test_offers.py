"""Tasks of the extension, resources and prompts."""

from __future__ import annotations

from typing import Any

import pytest

from aiwebhook.domain.identity import Scope
from session_api.mcp.eras import MODERN, TASKS
from tests.mcp.test_tools import completed, delegated, started
from tests.support.mcp import McpClient
from tests.support.session_api import ApiDriver

pytestmark = pytest.mark.req("D2")
Json = dict[str, Any]


def test_a_call_longer_than_a_call_is_a_task_where_the_client_declares_it(
    alone: McpClient,
) -> None:
    driver = alone.driver
    able = McpClient(driver=driver, version=MODERN, capabilities={"extensions": {TASKS: {}}})
    ask = {"agent": "researcher", "instructions": "Go", "wait_seconds": 60}
    handle = able.result("tools/call", {"name": "delegate_task", "arguments": ask})
    assert (handle["resultType"], handle["status"]) == ("task", "working")
    task = {"taskId": handle["taskId"]}
    assert able.result("tasks/get", task)["status"] == "working"
    completed(driver)
    ended = able.result("tasks/get", task)
    assert ended["status"] == "completed"
    assert ended["result"]["structuredContent"]["say"] == "Copper is fine."
    assert able.result("tasks/cancel", task)["resultType"] == "complete"
    assert able.result("tasks/update", {**task, "inputResponses": {}})["resultType"] == "complete"
    assert able.call("tasks/get", {"taskId": "none"})["error"]["code"] == -32602
    plain = McpClient(driver=driver, version=MODERN)
    assert plain.call("tasks/get", task)["error"]["code"] == -32021


def test_a_task_of_another_project_is_unknown(alone: McpClient, driver: ApiDriver) -> None:
    task = delegated(alone)["data"]["task_id"]
    able = McpClient(driver=driver, version=MODERN, capabilities={"extensions": {TASKS: {}}})
    assert able.call("tasks/get", {"taskId": task})["error"]["code"] == -32602
    assert "no task" in McpClient(driver=driver).refused("get_task", task=task).lower()


def test_what_was_said_and_made_can_be_read_by_address(alone: McpClient) -> None:
    session = started(alone, "Copper")
    alone.tool("add_to_session", session=session, content="Ana: We take copper.")
    task = delegated(alone, session=session)["data"]["task_id"]
    completed(alone.driver)
    (listed,) = alone.result("resources/list")["resources"]
    assert listed["title"] == "Copper"
    (said,) = alone.result("resources/read", {"uri": listed["uri"]})["contents"]
    assert said["text"] == "Ana: We take copper."
    log = alone.result("resources/read", {"uri": f"aiwebhook://tasks/{task}/log"})
    assert "task.completed Copper is fine." in log["contents"][0]["text"]
    page = alone.tool("get_task", task=task, artifact="plan")["data"]["artifact"]
    uri = f"aiwebhook://artifacts/{page['artifact_id']}"
    (document,) = alone.result("resources/read", {"uri": uri})["contents"]
    assert document["text"].startswith("Copper. ")
    assert len(alone.result("resources/templates/list")["resourceTemplates"]) == 4


def test_prompts_take_their_arguments(client: McpClient) -> None:
    names = [prompt["name"] for prompt in client.result("prompts/list")["prompts"]]
    assert names == ["plan", "hand_over", "catch_me_up"]
    told = client.result("prompts/get", {"name": "plan", "arguments": {"topic": "a {work} shed"}})
    assert "a {work} shed" in told["messages"][0]["content"]["text"]
    assert client.result("prompts/get", {"name": "catch_me_up"})["messages"]


def test_a_key_that_only_reads_reads(driver: ApiDriver) -> None:
    reader = McpClient(driver=driver, token=driver.make_key(Scope.READ))
    assert reader.tool("list_sessions")["say"]
    assert "scope" in reader.refused("start_session", title="x")
