"""A task as a person reads it: what came of it, then what it is, then its runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from aiwebhook_cli.live import usage_text
from aiwebhook_cli.printing import Json, print_failed, print_fields, print_rows
from aiwebhook_cli.target import Globals

_RUN_COLUMNS = ("attempt_id", "status", "started_at", "finished_at", "error_class", "usage")
_TOLD_APART = frozenset({"say", "error", "usage", "runs", "repository", "output"})
_MOST_FILES = 10


def print_task(told: Globals, task: Json) -> None:
    """For people only; a program gets the task as JSON."""
    error: Json = task.get("error") or {}
    if error:
        print_failed(str(error.get("message", "")), str(error.get("remedy") or ""))
    fields = {name: value for name, value in task.items() if name not in _TOLD_APART}
    if error:
        fields["error_class"] = error.get("error_class")
    fields["repository"] = _repository(task.get("repository") or {})
    fields |= _output(task)
    if "usage" in task:
        fields["usage"] = usage_text(task["usage"])
    print_fields(told, fields, say=None if error else task.get("say"))
    runs: list[Json] = task.get("runs", [])
    if len(runs) > 1 or any(run.get("usage") for run in runs):
        rows = [
            {**run, "usage": usage_text(run["usage"]) if run.get("usage") else ""} for run in runs
        ]
        print()
        print_rows(told, {}, rows, _RUN_COLUMNS, nothing="")


def _repository(asked: Mapping[str, Any]) -> str:
    """Such as: ana/billing, ref main, pr draft."""
    more = [f"{name} {asked[name]}" for name in ("ref", "pr") if asked.get(name)]
    return ", ".join([str(asked["repo"]), *more]) if asked.get("repo") else ""


def _output(task: Mapping[str, Any]) -> Json:
    """The parts that every agent on a model tells, each worded; the rest as the agent gave it."""
    output = dict(task.get("output") or {})
    fields: Json = {}
    text = str(output.pop("text", None) or "")
    if text.strip() not in (task.get("say") or ""):
        fields["text"] = text
    agent, work = output.get("agent"), output.get("workspace")
    if isinstance(agent, dict) and "kind" in agent:  # of ours: others may mean something else
        fields["ran_on"] = _ran_on(output.pop("agent"), output.pop("turns", None))
        changed = _paths(output.pop("files_changed", None))
        if isinstance(work, dict):
            fields |= _work(str(task["task_id"]), output.pop("workspace"), changed)
        else:
            fields["changes"] = _names(changed)
    if output:
        fields["output"] = json.dumps(output, ensure_ascii=False, indent=2)
    return fields


def _ran_on(agent: Mapping[str, Any], turns: object) -> str:
    """Such as: codex 0.169.0, gpt-5.5, 2 turns."""
    named = " ".join(str(agent[name]) for name in ("kind", "version") if agent.get(name))
    times = f"{turns} turns" if isinstance(turns, int) and turns > 1 else ""
    return ", ".join(part for part in (named, str(agent.get("model") or ""), times) if part)


def _work(task_id: str, work: Mapping[str, Any], changed: Sequence[str]) -> Json:
    """Of a workspace: what changed, where it went, and how to get it."""
    patch = work.get("patch_artifact")
    sizes = f"+{work.get('insertions', 0)} −{work.get('deletions', 0)}"
    return {
        "changes": f"{_names(changed)} ({sizes})" if work.get("files") else "",
        "left_out": work.get("left_out"),
        "branch": work.get("branch") if work.get("pushed") else "",
        "pull_request": work.get("pull_request"),
        "not_published": work.get("problem"),
        "what_to_do": work.get("remedy"),
        "patch": f"aiwebhook task artifact {task_id} {patch} | git apply" if patch else "",
    }


def _paths(changed: object) -> list[str]:
    files = cast("list[object]", changed) if isinstance(changed, list) else []
    objects = [cast("Json", file) for file in files if isinstance(file, dict)]
    return [str(file["path"]) for file in objects if file.get("path")]


def _names(paths: Sequence[str]) -> str:
    """The first ones, and how many more there are."""
    named = ", ".join(paths[:_MOST_FILES])
    more = len(paths) - _MOST_FILES
    return f"{named} and {more} more" if more > 0 else named
