"""`task_command` (docs/wire.md): an action for a connected worker, never run by the service itself.

It becomes a task for agent `local`. `sync` waits for the result; the task is never lost by that:
what is not there in time is answered with the task's handle.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from aiwebhook.commands.base import CommandRequest, Reply
from aiwebhook.commands.envelope import NEWS_FIELDS
from aiwebhook.commands.execute import execute, jsonable
from aiwebhook.commands.fields import WHOLE, ClientId, CommandData
from aiwebhook.commands.open_session import open_session
from aiwebhook.commands.services import CommandServices
from aiwebhook.commands.validation import read_as, refuse_unstorable
from aiwebhook.domain.say_phrases import ended, waiting
from aiwebhook.domain.task import TERMINAL
from aiwebhook.domain.view import view
from aiwebhook.domain.waiting import WaitReason, explain_waiting
from aiwebhook.errors import NotFound
from aiwebhook.ports.command_rows import Json
from aiwebhook.usecases.granted_waits import AskedWait
from aiwebhook.usecases.wait_for_task import WaitedTask, wait_for_task

TASK_COMMANDS_SESSION = "task_commands"
TASK_COMMAND_EXAMPLE: Mapping[str, Any] = {
    "type": "task_command",
    "data": {"action_type": "git", "params": {"command": ["git", "status"]}},
}
SYNC_WAIT_S = 25.0  # the API answers within 29 s

ActionArgument = Annotated[str, Field(max_length=100_000)]
Argv = Annotated[list[ActionArgument], Field(min_length=1, max_length=1_000)]


class ActionParams(CommandData):
    """What to do, and where; `timeout` in seconds."""

    command: Annotated[str, Field(min_length=1, max_length=100_000)] | Argv | None = None
    prompt: Annotated[str, Field(min_length=1, max_length=200_000)] | None = None
    working_dir: Annotated[str, Field(min_length=1, max_length=4_096)] | None = None
    timeout: Annotated[int, Field(ge=1, le=3_600), WHOLE] | None = None


class Action(CommandData):
    """The action and what it needs: git an argv, shell a line or an argv, claude_code a prompt."""

    action_type: Literal["git", "shell", "claude_code"]
    params: ActionParams
    task_id: ClientId | None = None

    @model_validator(mode="after")
    def _params_fit(self) -> Action:
        command, prompt = self.params.command, self.params.prompt
        if self.action_type == "claude_code":
            if prompt is None or command is not None:
                raise ValueError("claude_code needs params.prompt, and no params.command")
        elif command is None or prompt is not None:
            raise ValueError(f"{self.action_type} needs params.command, and no params.prompt")
        elif self.action_type == "git" and (isinstance(command, str) or command[0] != "git"):
            raise ValueError('git needs params.command as an argv that starts with "git"')
        return self


class TaskCommand(CommandData):
    type: Literal["task_command"]
    data: Action
    sync: bool = False
    session_id: ClientId | None = None
    request_id: str | None = None
    reader: Any = None
    ack: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCommandAnswer:
    """`status` as docs/wire.md names it; anything but an ended task is `pending`."""

    body: Json
    replayed: bool

    @property
    def pending(self) -> bool:
        """The result is not there yet."""
        return self.body["status"] == "pending"


def run_task_command(
    services: CommandServices,
    request: CommandRequest,
    *,
    wait_s: float = SYNC_WAIT_S,
    monotonic: Callable[[], float] = time.monotonic,
) -> TaskCommandAnswer:
    """`request.data` is the whole message. Raises what commands raise."""
    refuse_unstorable(request.data, "")
    message, _, notes = read_as(
        TaskCommand,
        request.data,
        pointer="",
        lenient=request.lenient,
        example=lambda: TASK_COMMAND_EXAMPLE,
    )
    request = replace(request, notes=(*request.notes, *notes))
    until = monotonic() + wait_s
    reply = _delegate(services, request, message)
    task_id: str = reply.data["task_id"]
    task = services.store.find_task(project_id=request.caller.project_id, task_id=task_id)
    waited = WaitedTask(task=task)
    if message.sync and not _nobody_there(services, request, task_id):
        asked = AskedWait(
            project_id=request.caller.project_id,
            holder=request.caller.key_id,
            wait_s=max(0.0, until - monotonic()),
        )
        waited = wait_for_task(
            services.store, services.waits, task_id=task_id, asked=asked, monotonic=monotonic
        )
    body = {**_answer(task_id, waited, reply), **_news(reply)}
    return TaskCommandAnswer(body=body, replayed=reply.replayed)


def _nobody_there(services: CommandServices, request: CommandRequest, task_id: str) -> bool:
    """Whether no worker is connected: then there is nothing to wait for. Asked anew, because a
    replay's `queue` is that of the first time."""
    situation = services.store.explain_task(project_id=request.caller.project_id, task_id=task_id)
    waiting = None if situation is None else explain_waiting(situation)
    return waiting is not None and waiting.reason is WaitReason.NO_WORKER


def _delegate(services: CommandServices, request: CommandRequest, message: TaskCommand) -> Reply:
    action = message.data
    params = action.params.model_dump(exclude_none=True)
    data: Json = {
        "agent_name": "local",
        "task_type": action.action_type,
        "input_data": {"action_type": action.action_type, "params": params},
    }
    if action.task_id is not None:
        data["task_id"] = action.task_id
    if action.params.timeout is not None:
        data["timeout_s"] = action.params.timeout
    delegate = replace(
        request,
        command="delegate_task",
        session_id=message.session_id or TASK_COMMANDS_SESSION,
        data=data,
        fingerprint=b"",
    )
    try:
        return execute(services, delegate)
    except NotFound as error:
        if error.code != "session_not_found" or message.session_id is not None:
            raise
        open_session(services, request, TASK_COMMANDS_SESSION, {"title": "Task commands"})
        return execute(services, delegate)


def _news(reply: Reply) -> Json:
    """What finished meanwhile, when there is any: such an answer has a shape of its own."""
    if reply.next is None:
        return {}
    whole = reply.as_json()
    return {name: whole[name] for name in NEWS_FIELDS}


def _answer(task_id: str, waited: WaitedTask, reply: Reply) -> Json:
    task, pause = waited.task, waited.next_poll_ms
    if task is None or task.status not in TERMINAL:
        say = waiting("the worker", reply.data.get("queue")) or "It is not done yet."
        body: Json = {"status": "pending", "task_id": task_id, "say": say} | _notes(reply)
        return body if pause is None else {**body, "next_poll_ms": pause}
    body = {
        "status": task.status,
        "task_id": task_id,
        "say": ended(view(task)),
        "output": task.output,
    }
    if task.error is not None:
        body["error"] = task.error
    started = task.started_at or task.claimed_at or task.created_at
    spent = ((task.finished_at or started) - started).total_seconds() * 1000
    return jsonable({**body, "execution_time_ms": max(0, round(spent))} | _notes(reply))


def _notes(reply: Reply) -> Json:
    return {"notes": list(reply.notes)} if reply.notes else {}
