"""Phrases for `say`, which is spoken: at most two sentences, without ids and markup. Pure.

say_ending.py has the sentence for a task that has ended.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from aiwebhook.domain.say_ending import agent_display_name, say_of_end
from aiwebhook.domain.say_text import capitalized, cut, say_text, sentences
from aiwebhook.domain.task import TERMINAL

_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()
_PLACES = "next second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_SCALES = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
_UNCOUNTED = frozenset({"context"})
_TITLE_CHARS = 60
_TEXT_CHARS = 200
_FILE_TYPE = re.compile(r"\.[A-Za-z]\w{0,4}$")
_STATES = {
    "pending": "which is waiting",
    "claimed": "which is starting",
    "running": "which is running",
    "input_required": "which has a question",
    "completed": "which is done",
    "failed": "which failed",
    "cancelled": "which was cancelled",
}
# Fields that say what an object is about, the most telling first.
_MEANINGFUL_FIELDS = (
    "text",
    "title",
    "summary",
    "decision",
    "question",
    "name",
    "content",
    "description",
)


def agent_in_words(task: Mapping[str, Any]) -> str:
    """What people call the agent of a task: `Claude Code`, `the researcher`."""
    return agent_display_name(task["agent_name"], task.get("agent_title"))


def ended(task: Mapping[str, Any]) -> str:
    """How a task ended, in its stored `say`. Older results were stored without one; theirs is made
    from the status and the error.
    """
    status, said = task["status"], task.get("say")
    if said and status != "completed":
        return str(said)
    return say_of_end(status, agent=agent_in_words(task), said=said, error=task.get("error"))


def waiting(agent: str, queue: Mapping[str, Any] | None) -> str | None:
    """One sentence about why a task does not run yet; None if it is about to."""
    queue = queue or {}
    match queue.get("reason"):
        case "dependency":
            others = len(queue.get("waits_for") or ())
            before = "the task before it is" if others == 1 else "the tasks before it are"
            say = f"It starts when {before} done."
        case "not_before":
            say = f"It starts {moment(queue['until'])}."
        case "retry":
            say = "The last try did not work out, and it will be tried again soon."
        case "no_worker":
            say = "It starts as soon as a worker is connected."
        case "at_cap":
            say = _in_line(queue)
        case "answer":
            say = f"{capitalized(agent)} waits for an answer."
        case _:
            say = None
    return say


def _in_line(queue: Mapping[str, Any]) -> str:
    estimate = queue.get("estimate_s")
    place = int(queue.get("position") or 1)
    line = f"It is {_PLACES[place - 1]}" if place <= len(_PLACES) else f"It is number {place}"
    line += "" if place == 1 else " in line"
    if estimate is None:
        return f"{line}."
    if estimate < 20:
        return f"{line} and starts in a few seconds."
    return f"{line} and should start in {duration(estimate)}."


def found(things: str, titles: Sequence[str], *, more: bool, joint: str = " and ") -> str:
    """A list for a listener: how many there are, and the newest two by title. `things` includes the
    count, such as "three tasks"; `joint` joins the two titles. An empty title is one that cannot be
    spoken, and is skipped.
    """
    first = [title for title in titles if title][:2]
    start = f"I found {things}"
    if not first:
        return f"{start}, and there are more." if more else f"{start}."
    if not more and len(titles) == len(first):
        return f"{start}: {joint.join(first)}."
    start += ", and there are more" if more else ""
    return f"{start}. {'The newest' if len(first) == 1 else 'The newest two'}: {joint.join(first)}."


def task_title(task: Mapping[str, Any]) -> str:
    """`fix the login, which is running`."""
    name = title(task.get("description") or task.get("task_type") or "")
    return f"{name or 'a task for ' + agent_in_words(task)}, {_STATES[task['status']]}"


def title(text: str) -> str:
    """A title shortened to be spoken within a sentence; empty if nothing of it can be spoken."""
    line = cut(say_text(text.replace("_", " ")), 10_000, most=1).rstrip(".!?…:;, ")
    if len(line) <= _TITLE_CHARS:
        return line
    return line[:_TITLE_CHARS].rpartition(" ")[0].rstrip(".:;, ") or line[:_TITLE_CHARS]


def file_title(name: str) -> str:
    """`carbon_plan.md` → `carbon plan`."""
    return title(_FILE_TYPE.sub("", name))


def gist(content: object, longest: int = _TEXT_CHARS) -> str:
    """The content of a memory in one sentence, without its full stop; empty if nothing of it
    can be spoken.
    """
    if isinstance(content, dict):
        fields = cast("dict[str, object]", content)
        named = [fields[name] for name in _MEANINGFUL_FIELDS if fields.get(name)]
        content = next((v for v in (*named, *fields.values()) if isinstance(v, str) and v), "")
    text = say_text(content) if isinstance(content, str) else ""
    return cut(text, longest, most=1).rstrip(".!?: ")


def count_in_words(number: int, one: str, many: str | None = None) -> str:
    """`three memories`, `one task`, `no artifacts`, `40 tasks`."""
    noun = one if number == 1 else (many or f"{one}s")
    return f"{number_in_words(number)} {noun}"


def number_in_words(number: int) -> str:
    """A small number in words (`three`), a larger one in digits (`40`)."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def spaced(name: str) -> str:
    """`action_item` → `action item`."""
    return name.replace("_", " ")


def duration(seconds: float) -> str:
    """About how long: `a few seconds`, `two minutes`, `three hours`."""
    if seconds < 20:
        return "a few seconds"
    if seconds < 60:
        return "less than a minute"
    size, unit = next((size, unit) for size, unit in _SCALES if seconds >= size)
    return "about " + count_in_words(round(seconds / size), unit)


def moment(time: str | datetime) -> str:
    """`on 30 June at 10:00 UTC`, in the time zone of the argument."""
    at = datetime.fromisoformat(time) if isinstance(time, str) else time
    offset = at.utcoffset()
    zone = "UTC" if not offset else at.strftime("UTC%z")
    return f"on {at.day} {at:%B} at {at:%H:%M} {zone}"


def a(noun: str) -> str:
    """`a decision`, `an idea`, `some context`."""
    if noun in _UNCOUNTED:
        return f"some {noun}"
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def is_ended(task: Mapping[str, Any]) -> bool:
    """Whether the task has ended."""
    return task["status"] in TERMINAL


def joined(first: str, second: str | None) -> str:
    """Both texts, or only the first if it already has two sentences."""
    return first if not second or sentences(first) > 1 else f"{first} {second}"
