"""Examples for the OpenAPI: those of docs/wire.md, which a test sends and compares.

`make docs` takes them from there into openapi_examples.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.commands.refusals import EXAMPLE_SESSION, example_of
from session_api.operation import Operation

Json = dict[str, Any]
IDS = {
    "session_id": EXAMPLE_SESSION,
    "key": "copper",
    "task_id": "copper_research",
    "artifact_id": "plan",
}
"""What the examples of one document call the same things, so that one request builds on another."""
_NAMED: Mapping[str, Json] = {
    "create_session": {"session_id": EXAMPLE_SESSION},
    "delegate_task": {"task_id": IDS["task_id"]},
    "add_artifact": {"artifact_id": IDS["artifact_id"]},
    "store_memory": {"key": IDS["key"]},
}


@cache
def _examples() -> Json:
    text = files("session_api").joinpath("openapi_examples.json").read_text(encoding="utf-8")
    return json.loads(text)


def reply_example(command: str) -> Json | None:
    """A whole reply of the command."""
    data = _examples()["data"].get(command)
    if data is None:
        return None
    if command == "help":  # of all commands: a schema beside an example is not shown in an example
        shown = [CATALOGUE[name] for name in ("create_session", "store_memory")]
        commands = [
            {"command": each.name, "summary": each.summary, "example": example_of(each)}
            for each in shown
        ]
        data = {"commands": commands, "count": len(commands), "guide": "/llm-instructions"}
    spec = CATALOGUE[command]
    return {
        "type": "collaborative_session_response",
        "command": command,
        "session_id": EXAMPLE_SESSION
        if spec.needs_session or command == "create_session"
        else None,
        "status": "success",
        "message": spec.code.phrase(None, data).message.replace("{session_id}", EXAMPLE_SESSION),
        "say": spec.code.phrase(None, data).say,
        "data": data,
        "updates": [],
        "updates_more": 0,
        "elsewhere": [],
        "elsewhere_more": 0,
        "cursor": 1 if spec.needs_session else None,
        "next": None,
        "request_id": "req_01a223e7",
    }


def request_example(operation: Operation) -> Json | None:
    """A body of the operation that can be sent as it is."""
    if operation.command is None:
        return _examples()["requests"].get(operation.name)
    data = example_of(CATALOGUE[operation.command], pointer="")
    in_path = {name for name in IDS if f"{{{name}}}" in operation.path}
    shown = {name: value for name, value in data.items() if name not in in_path}
    return {**shown, **_NAMED.get(operation.command, {})}


def answer_example(operation: Operation) -> Json | None:
    if operation.command is not None:
        return reply_example(operation.command)
    return _examples()["answers"].get(operation.name)
