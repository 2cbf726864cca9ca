"""A task as the extension io.modelcontextprotocol/tasks represents it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiwebhook.clock import rfc3339
from session_api.mcp.jsonrpc import INVALID_PARAMS, RpcError

if TYPE_CHECKING:
    from aiwebhook.ports.task_rows import TaskRow
    from session_api.mcp.definition import RequestContext

Json = dict[str, Any]
KEPT_MS = 7 * 86_400_000
POLL_MS = 5_000


def find_task_row(context: RequestContext, task_id: str) -> TaskRow:
    """The row of a task. Raises RpcError."""
    row = context.api.commands.store.find_task(
        project_id=context.caller.project_id, task_id=task_id
    )
    if row is None:
        raise RpcError(INVALID_PARAMS, "Unknown taskId.", status=200)
    return row


_STATUSES = {
    "input_required": "input_required",
    "completed": "completed",
    "failed": "completed",
    "cancelled": "cancelled",
}


def state_of(row: TaskRow) -> Json:
    """The task without its result and questions."""
    changed = row.finished_at or row.started_at or row.claimed_at or row.created_at
    return {
        "taskId": row.task_id,
        "status": _STATUSES.get(row.status, "working"),
        "createdAt": rfc3339(row.created_at),
        "lastUpdatedAt": rfc3339(changed),
        "ttlMs": KEPT_MS,
        "pollIntervalMs": POLL_MS,
    }


def handle_of(context: RequestContext, task_id: str) -> Json:
    """The result of tools/call for a task that continues."""
    return {"resultType": "task", **state_of(find_task_row(context, task_id))}
