"""A task in replies: its state, its result, what it has used, why it waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiwebhook.clock import rfc3339
from aiwebhook.commands.base import CommandContext
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.say_ending import agent_display_name
from aiwebhook.domain.say_phrases import ended
from aiwebhook.domain.task import TERMINAL
from aiwebhook.domain.usage import total
from aiwebhook.domain.view import view
from aiwebhook.domain.waiting import TaskSituation, explain_waiting
from aiwebhook.ports.command_rows import Json
from aiwebhook.ports.task_rows import TaskListing, TaskRow


def view_task(task: TaskRow) -> Json:
    """A task as replies show it: fields that say nothing yet are left out. `usage` is that of all
    its runs, lost ones and the present one included.
    """
    always = ("task_id", "session_id", "agent_name", "status", "priority", "attempts", "created_at")
    everything = view(task)
    shown = {name: everything[name] for name in always}
    shown["agent_title"] = agent_display_name(task.agent_name, task.agent_title)
    hidden = {*shown, "ready", "run_after", "runs", "usages"}
    rest = _without_nulls({name: value for name, value in everything.items() if name not in hidden})
    if task.usages:
        rest["usage"] = total(task.usages).as_json()
    if task.runs:
        rest["runs"] = [_view_run(run) for run in task.runs]
    if task.status in TERMINAL:
        rest["say"] = ended(everything)
    return {**shown, **rest}


def list_view(task: TaskListing) -> Json:
    """A task of a list: without what is only read of one."""
    row = view(task)
    row["say"] = ended(row) if task.status in TERMINAL else None
    row["agent_title"] = agent_display_name(task.agent_name, task.agent_title)
    del row["error"]
    return row


def _view_run(run: Json) -> Json:
    """The database returns the times of an inner row as text."""
    times = {
        name: rfc3339(datetime.fromisoformat(run[name]))
        for name in ("claimed_at", "started_at", "finished_at")
        if run[name] is not None
    }
    return _without_nulls({**run, **times})


def _without_nulls(fields: dict[str, Any]) -> Json:
    return {
        name: value
        for name, value in fields.items()
        if value is not None and value != [] and value is not False
    }


def queue_view(services: CommandServices, context: CommandContext, task_id: str) -> Json | None:
    """Why the task does not run yet: reason, explanation, position, estimate. None when it runs."""
    return _view_queue(services.store.explain_task(project_id=context.project_id, task_id=task_id))


def told(kept: Json) -> Json:
    """What a task's write kept, as it is told the first time and at a replay: the agent by the name
    that people call it, and why the task waits.
    """
    data = dict(kept)
    if "agent_title" in data:
        data["agent_title"] = agent_display_name(data["agent_name"], data["agent_title"])
    return with_queue(data) if "situation" in data else data


def with_queue(data: Json) -> Json:
    """What a task's write answered, its `situation` told as `queue`: the first time and
    at a replay.
    """
    rest = {name: value for name, value in data.items() if name != "situation"}
    situation = data["situation"]
    if situation is None:
        return rest | {"queue": None}
    shared = {name: data[name] for name in ("status", "agent_name")}
    return rest | {"queue": _view_queue(TaskSituation.of({**shared, **situation}))}


def _view_queue(situation: TaskSituation | None) -> Json | None:
    waiting = None if situation is None else explain_waiting(situation)
    if waiting is None:
        return None
    return {
        "reason": waiting.reason.value,
        "explanation": waiting.explanation,
        "position": waiting.position,
        "estimate_s": waiting.estimate_s,
        "until": None if waiting.until is None else rfc3339(waiting.until),
        "waits_for": list(waiting.waits_for),
        "warning": waiting.warning,
    }
