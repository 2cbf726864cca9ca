"""A caller that knows nothing of the API but the text of its refusal, and follows that."""

from __future__ import annotations

import contextlib
import copy
import json
import re
from typing import Any

_CALLED = re.compile(r'^is called "(\w+)" here')
_MEANT = re.compile(r'did you mean "(\w+)"')


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def is_array(value: Any) -> bool:
    return isinstance(value, list)


def second_try(raw: str, problem: dict[str, Any]) -> str | None:
    """The body that the problem asks for; None when it says nothing that can be followed."""
    example = problem.get("example")
    body: Any = None
    with contextlib.suppress(ValueError):
        body = json.loads(raw)
    errors: list[dict[str, Any]] = problem.get("errors", [])
    if not is_object(body) or not all(error["pointer"] for error in errors) or not errors:
        return None if example is None else json.dumps(example)
    for error in errors:
        _follow(body, error, example)
    return json.dumps(body)


def _follow(body: dict[str, Any], error: dict[str, Any], example: Any) -> None:
    message, steps = error["message"], _steps(error["pointer"])
    owner = _at(body, steps[:-1])
    name = steps[-1] if steps else ""
    if called := _CALLED.match(message):
        owner[called[1]] = owner.pop(name)
    elif message.startswith("is a wrapper"):
        inner = _parsed(body[name])
        body.clear()
        body.update(inner)
    elif "send the object itself" in message:
        owner[name] = _parsed(owner[name])
    elif message == "belongs into data":
        body.setdefault("data", {})[name] = body.pop(name)
    elif message == "belongs beside command":
        body[name] = owner.pop(name)
    elif "suggestion" in error:
        _put(body, steps, error["suggestion"])
    elif message.startswith("is not a known field"):
        meant = _MEANT.search(message)
        value = owner.pop(name)
        if meant and meant[1] not in owner:
            owner[meant[1]] = value
    else:
        _put(body, steps, _at(copy.deepcopy(example), steps))


def _parsed(value: Any) -> Any:
    inner = json.loads(value) if isinstance(value, str) else value
    return inner[0] if is_array(inner) else inner


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _at(value: Any, steps: list[str]) -> Any:
    for step in steps:
        try:
            value = value[int(step) if is_array(value) else step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return value


def _put(body: dict[str, Any], steps: list[str], value: Any) -> None:
    owner: Any = body
    for step in steps[:-1]:
        if is_object(owner) and not (is_object(owner.get(step)) or is_array(owner.get(step))):
            owner[step] = {}
        owner = owner[int(step) if is_array(owner) else step]
    last: Any = int(steps[-1]) if is_array(owner) else steps[-1]
    if value is None and is_object(owner):
        owner.pop(last, None)
    else:
        owner[last] = value
