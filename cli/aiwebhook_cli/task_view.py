"""A task as a person reads it: what came of it, then what it is, what it found, what it left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Any, cast

from aiwebhook.domain.counted import counted
from aiwebhook_cli.live import usage_text
from aiwebhook_cli.printing import (
    Json,
    console,
    print_failed,
    print_field,
    print_fields,
    print_table,
)
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals
from aiwebhook_cli.value_text import content_text, size_text, value_text

_FIELDS = {
    "task": "task_id",
    "status": "status",
    "session": "session_id",
    "agent": "agent_name",
    "asked": "description",
    "priority": "priority",
    "created": "created_at",
    "started": "started_at",
    "finished": "finished_at",
}
_RUNS = (
    Column(name="attempt_id", title="attempt", rank=3),
    Column(name="status"),
    Column(name="started_at", title="started", rank=1),
    Column(name="finished_at", title="finished", rank=2),
    Column(name="error_class", title="why", rank=1),
    Column(name="usage", sentence=True),
)
_ARTIFACTS = (
    Column(name="name", sentence=True, least=12),
    Column(name="size", rank=1),
    Column(name="read it with", sentence=True, least=40),
)
_MOST_FILES = 10
_MOST_FINDS = (5, 3)  # of the first section, which answers; of each other one
_LONGEST = 400  # characters of a value that an agent gave a shape of its own
# What every agent on a model tells, and what is worded apart.
_WORDED = frozenset({"text", "findings", "counts", "sources", "question", "artifact"})


def print_task(options: Globals, task: Json, artifacts: Sequence[Json] = ()) -> None:
    """For people only; a program gets the task as JSON."""
    error: Json = task.get("error") or {}
    if error:
        print_failed(str(error.get("message", "")), str(error.get("remedy") or ""))
    fields = {label: task.get(name) for label, name in _FIELDS.items()}
    fields["priority"] = fields["priority"] or ""
    queue: Json = task.get("queue") or {}
    fields["waits"] = queue.get("explanation")
    fields["error class"] = error.get("error_class")
    fields["input"] = value_text(task.get("input") or {})[:_LONGEST]
    fields["repository"] = _repository(task.get("repository") or {})
    fields |= _output(task)
    if task.get("usage"):
        fields["usage"] = usage_text(task["usage"])
    fields["output at"] = task.get("output_url")
    fields["notes"] = _notes(task.get("notes"))
    print_fields(options, fields, say=None if error else task.get("say"))
    _print_findings(task.get("output") or {})
    _print_runs(task.get("runs", []))
    _print_artifacts(str(task["task_id"]), artifacts)


def _notes(notes: object) -> str:
    """What of the result was changed so that it could be kept."""
    lines = (f"{note.get('pointer', '')} {note.get('message', '')}" for note in _objects(notes))
    return " ".join(value_text(text.strip()) for text in lines)


def _print_findings(output: Json) -> None:
    """By section, in the order in which the agent gave them."""
    sections: dict[str, list[Json]] = {}
    for finding in _objects(output.get("findings")):
        sections.setdefault(value_text(finding.get("section") or "finding"), []).append(finding)
    screen = console()
    for number, (section, findings) in enumerate(sections.items()):
        most = _MOST_FINDS[min(number, 1)]
        more = len(findings) - most
        screen.print()
        screen.print(f"{section.replace('_', ' ')} ({len(findings)})", style="bold")
        for finding in findings[:most]:
            print_field(screen, "•", _finding(finding), label_width=1)
        if more > 0:
            screen.print(f"   and {more} more: --json shows all", style="dim")


def _finding(finding: Json) -> str:
    speakers = [value_text(s.get("speaker")) for s in _objects(finding.get("sources"))]
    named = ", ".join(dict.fromkeys(name for name in speakers if name))
    return content_text(finding) + (f" ({named})" if named else "")


def _print_runs(runs: Sequence[Json]) -> None:
    if len(runs) < 2:
        return
    rows = [{**r, "usage": usage_text(r["usage"]) if r.get("usage") else ""} for r in runs]
    screen = console()
    screen.print()
    print_table(screen, rows, _RUNS)


def _print_artifacts(task_id: str, artifacts: Sequence[Json]) -> None:
    if not artifacts:
        return
    command = f"aiwebhook task artifact {task_id}"
    rows = [
        {
            "name": artifact["name"],
            "size": size_text(artifact.get("size")),
            "read it with": f"{command} {quote(str(artifact['name']))}",
        }
        for artifact in artifacts
    ]
    screen = console()
    screen.print()
    if not screen.is_terminal:
        print_table(screen, rows, _ARTIFACTS)
        return
    screen.print("artifacts", style="bold")
    for row in rows:  # a command that somebody copies is never cut
        print_field(screen, "•", f"{row['name']}, {row['size']}", label_width=1)
        screen.print(f"   {row['read it with']}", soft_wrap=True)


def _repository(request: Mapping[str, Any]) -> str:
    """Such as: ana/billing, ref main, pr draft."""
    more = [f"{name} {request[name]}" for name in ("ref", "pr") if request.get(name)]
    return ", ".join([str(request["repo"]), *more]) if request.get("repo") else ""


def _output(task: Mapping[str, Any]) -> Json:
    """The parts that every agent on a model tells, each worded; the rest as far as it is short."""
    output = dict(task.get("output") or {})
    fields: Json = {}
    text = str(output.get("text") or "")
    if text.strip() not in (task.get("say") or ""):
        fields["text"] = text
    agent, work = output.get("agent"), output.get("workspace")
    if isinstance(agent, dict) and "kind" in agent:  # of ours: others may mean something else
        fields["ran on"] = _ran_on(output.pop("agent"), output.pop("turns", None))
        changed = _paths(output.pop("files_changed", None))
        if isinstance(work, dict):
            fields |= _work(str(task["task_id"]), output.pop("workspace"), changed)
        else:
            fields["changes"] = _names(changed)
    for name, value in output.items():
        if name not in _WORDED or (name != "text" and not output.get("findings")):
            fields[name] = _short(value)
    return fields


def _short(value: object) -> str:
    text = value_text(value)
    if len(text) <= _LONGEST:
        return text
    what = (
        counted(len(cast("list[object]", value)), "item") if isinstance(value, list) else text[:80]
    )
    return f"{what} … (--json shows all)"


def _ran_on(agent: Mapping[str, Any], turns: object) -> str:
    """Such as: codex 0.169.0, gpt-5.5, 2 turns."""
    named = " ".join(str(agent[name]) for name in ("kind", "version") if agent.get(name))
    times = f"{turns} turns" if isinstance(turns, int) and turns > 1 else ""
    return ", ".join(part for part in (named, str(agent.get("model") or ""), times) if part)


def _work(task_id: str, work: Mapping[str, Any], changed: Sequence[str]) -> Json:
    """Of a workspace: what changed, where it went, and how to get it."""
    patch = work.get("patch_artifact")
    sizes = f"+{work.get('insertions', 0)} −{work.get('deletions', 0)}"
    command = f"aiwebhook task artifact {task_id} {quote(str(patch))} | git apply"
    return {
        "changes": f"{_names(changed)} ({sizes})" if work.get("files") else "",
        "left out": work.get("left_out"),
        "branch": work.get("branch") if work.get("pushed") else "",
        "pull request": work.get("pull_request"),
        "not published": work.get("problem"),
        "what to do": work.get("remedy"),
        "patch": command if patch else "",
    }


def _paths(changed: object) -> list[str]:
    return [str(file["path"]) for file in _objects(changed) if file.get("path")]


def _objects(value: object) -> list[Json]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Json", item) for item in items if isinstance(item, dict)]


def _names(paths: Sequence[str]) -> str:
    """The first ones, and how many more there are."""
    named = ", ".join(paths[:_MOST_FILES])
    more = len(paths) - _MOST_FILES
    return f"{named} and {more} more" if more > 0 else named
