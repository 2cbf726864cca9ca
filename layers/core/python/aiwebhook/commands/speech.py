"""Words for `say`: numbers as people speak them, names without markup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiwebhook.domain.attempt import ErrorClass

_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()
_SCALES = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


_CAUSES: Mapping[ErrorClass, str] = {
    ErrorClass.AUTH: "its key or token was not accepted",
    ErrorClass.MODEL: "its model gave up",
    ErrorClass.RATE_LIMIT: "its provider asks for a slower pace",
    ErrorClass.OVERLOADED: "its provider is overloaded",
    ErrorClass.SERVER: "a server it needs failed",
    ErrorClass.NETWORK: "the network failed",
    ErrorClass.CONTEXT: "that was too much for it to read",
    ErrorClass.MAX_TURNS: "it used up its turns",
    ErrorClass.TRUNCATED: "its answer was cut off",
    ErrorClass.REFUSED: "that was refused",
    ErrorClass.CANCELLED: "it was asked to stop",
    ErrorClass.TIMEOUT: "time ran out",
    ErrorClass.OOM: "it had not enough memory or disk",
    ErrorClass.KILLED: "it was killed",
    ErrorClass.BAD_OUTPUT: "its answer could not be read",
    ErrorClass.NO_RESULT: "it gave no answer",
    ErrorClass.BUDGET: "its budget is spent",
    ErrorClass.LOST: "the run was lost",
    ErrorClass.LAUNCH: "it could not be started",
    ErrorClass.DEPENDENCY_FAILED: "a task it depends on did not complete",
}


def ended(task: Mapping[str, Any]) -> str:
    """A task that ended: its own words, or why it has none."""
    agent = words(task["agent_name"])
    if task["status"] == "cancelled":
        return "The task was cancelled."
    if task["status"] == "completed":
        return task.get("say") or f"The {agent} has finished."
    error: dict[str, Any] = task.get("error") or {}
    cause = _CAUSES.get(error.get("error_class", ""))
    return f"The {agent} did not succeed" + (f": {cause}." if cause else ".")


def count(number: int, one: str, many: str | None = None) -> str:
    """`three memories`, `one task`, `no artifacts`, `40 tasks`."""
    noun = one if number == 1 else (many or f"{one}s")
    return f"{_NUMBERS[number] if 0 <= number < len(_NUMBERS) else number} {noun}"


def words(name: str) -> str:
    """`conversation_processor` → `conversation processor`."""
    return name.replace("_", " ")


def duration(seconds: float) -> str:
    """About how long: `a few seconds`, `two minutes`, `three hours`."""
    if seconds < 20:
        return "a few seconds"
    if seconds < 60:
        return "less than a minute"
    size, unit = next((size, unit) for size, unit in _SCALES if seconds >= size)
    return "about " + count(round(seconds / size), unit)


def a(noun: str) -> str:
    """`a decision`, `an idea`."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"
