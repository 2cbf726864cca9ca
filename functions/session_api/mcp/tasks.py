"""The extension io.modelcontextprotocol/tasks on our own tasks: nothing is stored beside
the task's row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aiwebhook.domain.task import TERMINAL
from aiwebhook.errors import AiWebhookError, Conflict
from session_api.mcp.calling import run_tool
from session_api.mcp.jsonrpc import INVALID_PARAMS, RpcError
from session_api.mcp.results import result_of
from session_api.mcp.task_state import find_task_row, state_of
from session_api.mcp.tool_request import read_tool_request

if TYPE_CHECKING:
    from aiwebhook.ports.task_rows import TaskRow
    from session_api.mcp.definition import RequestContext

Json = dict[str, Any]
ANSWER = "answer"
"""The one question that a task asks at a time."""


class OurTasks:
    """Implements definition.Tasks."""

    def get(self, context: RequestContext, task_id: str) -> Json:
        """The detailed task, with its result once it has ended."""
        row = find_task_row(context, task_id)
        task = state_of(row)
        if task["status"] == "completed":
            # The row is read once more, at the end: until then, a poll is one statement.
            reply = run_tool(context, read_tool_request("get_task", {"task": task_id}))
            failed = row.status == "failed"
            task["result"] = {
                "resultType": "complete",
                **result_of(reply, context.text_form),
                "isError": failed,
            }
        if task["status"] == "input_required":
            task["inputRequests"] = {ANSWER: _question(row)}
        return task

    def update(self, context: RequestContext, task_id: str, responses: Json) -> None:
        """Send the answer to the agent; ignored if the task asked nothing or has ended."""
        row = find_task_row(context, task_id)
        text = _answered(responses.get(ANSWER))
        if text is None or row.status in TERMINAL:
            return
        _run_quietly(context, "reply_to_task", {"task": task_id, "message": text})

    def cancel(self, context: RequestContext, task_id: str) -> None:
        """Stop it; harmless where it has ended."""
        if find_task_row(context, task_id).status not in TERMINAL:
            _run_quietly(context, "cancel_task", {"task": task_id})


def _run_quietly(context: RequestContext, command: str, arguments: Json) -> None:
    try:
        run_tool(context, read_tool_request(command, arguments))
    except Conflict:
        return  # it ended at this moment
    except AiWebhookError as error:
        raise RpcError(INVALID_PARAMS, error.detail, data={"code": error.code}) from error


def _question(row: TaskRow) -> Json:
    text = {"type": "string", "title": "Answer"}
    return {
        "method": "elicitation/create",
        "params": {
            "mode": "form",
            "message": str(row.say or "The agent has a question."),
            "requestedSchema": {
                "type": "object",
                "properties": {ANSWER: text},
                "required": [ANSWER],
            },
        },
    }


def _answered(response: object) -> str | None:
    if not isinstance(response, dict):
        return None
    given = cast("Json", response)
    content: Any = given.get("content")
    if given.get("action") not in (None, "accept") or not isinstance(content, dict):
        return None
    text = cast("Json", content).get(ANSWER)
    return text if isinstance(text, str) and text.strip() else None
