"""What a tool promises of its results is what they hold: clients refuse a result that is not so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from aiwebhook.commands.mcp_tools import MCP_TOOLS
from session_api.mcp.outputs import output_schema
from tests.support.mcp import McpClient
from tests.support.session_api import BRIEF, ApiDriver

pytestmark = pytest.mark.req("D2")
Json = dict[str, Any]
COMMANDS = {spec.name: command for command, spec in MCP_TOOLS.items()}


def closed(schema: Any) -> Any:
    """The schema, with nothing allowed that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(each) for name, each in cast("Json", schema).items()}
    return {**made, "additionalProperties": False} if "properties" in made else made


Call = Callable[..., Json]


def talked(call: Call) -> str:
    """What a conversation calls; its session."""
    session = call("start_session", title="Copper", goal="Pipes", time_zone="Europe/Berlin")[
        "session_id"
    ]
    call("add_to_session", session=session, content="Ana: We take copper.")
    for kind in ("decision", "question"):
        call("save_memory", session=session, content="Copper", type=kind, key=kind, tags=["a"])
    call("save_memory", session=session, content={"metal": "copper"}, type="fact")
    call("search_memories", session=session, query="copper")
    call("list_agents")
    call("list_agents", agent="researcher")
    call("continue_session", session=session)
    call("list_sessions")
    call("forget_memory", session=session, memory="question")
    return session


def worked(call: Call, session: str, driver: ApiDriver) -> None:
    """What is called about work."""
    ask = {"session": session, "agent": "researcher"}
    first = call("delegate_task", **ask, instructions="Look", not_before="2020-01-01T00:00:00Z")
    task = first["data"]["task_id"]
    call("delegate_task", **ask, instructions="Later", not_before="2099-01-01T00:00:00Z")
    call("get_task", task=task)
    call("get_task", task="later")
    run = driver.claim()
    call("get_task", task=task)
    call("reply_to_task", task=task, message="The red one.")
    run.post("artifacts", {"name": "plan.md", "type": "document", "content": "# The plan"})
    run.get("messages")
    assert run.post("complete", {"output": BRIEF, "say": "Done.", "exit_code": 0}).status == 200
    call("get_updates")
    call("get_updates", session=session)
    call("get_task", task=task)
    call("get_task", task=task, artifact="plan")
    call("list_tasks")
    call("delegate_task", **ask, instructions="Fail")
    driver.claim().post("fail", {"error_class": "bad_input", "message": "No.", "retryable": False})
    call("get_task", task="Fail")
    call("list_tasks", session=session)
    call("cancel_task", task="later")
    code = {"agent": "claude_code", "instructions": "Add a limiter", "repo": "acme/billing"}
    call("get_task", task=call("delegate_task", **code, pr="draft")["data"]["task_id"])


def test_every_result_holds_what_its_tool_promises_and_nothing_else(alone: McpClient) -> None:
    called: set[str] = set()
    found: list[str] = []

    def call(tool: str, **arguments: Any) -> Json:
        told = alone.tool(tool, **arguments)
        validator: Any = Draft202012Validator(closed(output_schema(COMMANDS[tool])))
        faults = validator.iter_errors(told)
        found.extend(f"{tool} {fault.json_path}: {fault.message}" for fault in faults)
        called.add(tool)
        return told

    worked(call, talked(call), alone.driver)
    assert "\n".join(sorted(set(found))) == ""
    assert called == set(COMMANDS)
