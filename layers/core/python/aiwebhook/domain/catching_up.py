"""What one must know to go on with a session, cut to what a language model reads at a glance. Pure.

Tokens cannot be counted without a model's own table. Three bytes of UTF-8 for one is pessimistic:
English takes four and more, Chinese and Japanese about three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiwebhook.domain.answer_size import compact
from aiwebhook.domain.say_ending import agent_display_name, say_of_end
from aiwebhook.domain.task import TERMINAL

BYTES_PER_TOKEN = 3
MOST_TOKENS = 1_300
"""Of the whole; with the envelope of a reply around it, fewer than 1,500."""
WORDS_KEPT = 600
"""Characters of one text, where everything else is short."""
# Characters of each text and items of each list, tried in this order. The last is what always fits:
# ids and names have at most 128 and 64 characters.
_STEPS = (
    *((WORDS_KEPT, 300, 5), (400, 240, 5), (240, 160, 5), (160, 100, 5), (120, 80, 4)),
    *((80, 60, 3), (60, 40, 2), (40, 30, 1)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentChunk:
    """The end of one of the newest chunks; `text` None: it lies in the blob store, by its
    SHA-256 in hex.
    """

    chunk_id: str
    text: str | None
    content_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMemory:
    """The beginning of a memory's text."""

    key: str
    type: str
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskGlimpse:
    """A task, how it stands and, where it has ended, how."""

    task_id: str
    agent_name: str
    agent_title: str | None
    status: str
    description: str | None
    say: str | None
    error: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """A session at a glance; the newest first, but for the words, which are in their order."""

    title: str | None
    status: str
    time_zone: str | None
    context: str | None
    last_words: Sequence[RecentChunk]
    decisions: Sequence[KeptMemory]
    open_items: Sequence[KeptMemory]
    running_tasks: Sequence[TaskGlimpse]
    finished_tasks: Sequence[TaskGlimpse]


def tokens(value: object) -> int:
    """How many a JSON value has at most."""
    return -(-len(compact(value).encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def shortened_session(session: CatchUp, most: int = MOST_TOKENS) -> dict[str, Any]:
    """As an answer shows it, in at most so many tokens: first texts become shorter, then lists."""
    shown: dict[str, Any] = {}
    for words, text, items in _STEPS:
        shown = _shown(session, words, text, items)
        if tokens(shown) <= most:
            break
    return shown


def _shown(session: CatchUp, words: int, text: int, items: int) -> dict[str, Any]:
    return {
        "title": _start(session.title, text),
        "status": session.status,
        "time_zone": session.time_zone,
        "context": _start(session.context, text),
        "last_words": [
            {"chunk_id": each.chunk_id, "text": (each.text or "")[-words:]}
            for each in session.last_words[-items:]
        ],
        "decisions": [_memory(each, text) for each in session.decisions[:items]],
        "open_items": [_memory(each, text) for each in session.open_items[:items]],
        "running_tasks": [_task(each, text) for each in session.running_tasks[:items]],
        "finished_tasks": [_task(each, text) for each in session.finished_tasks[:items]],
    }


def _memory(memory: KeptMemory, longest: int) -> dict[str, Any]:
    return {"key": memory.key, "type": memory.type, "text": _start(memory.text, longest)}


def _task(task: TaskGlimpse, longest: int) -> dict[str, Any]:
    shown = {
        "task_id": task.task_id,
        "agent_name": task.agent_name,
        "status": task.status,
        "description": _start(task.description, longest),
    }
    if task.status not in TERMINAL:
        return shown
    agent = agent_display_name(task.agent_name, task.agent_title)
    own = task.say if task.say and task.status != "completed" else None
    say = own or say_of_end(task.status, agent=agent, said=task.say, error=task.error)
    return {**shown, "say": _start(say, longest)}


def _start(text: str | None, longest: int) -> str | None:
    if text is None or len(text) <= longest:
        return text
    return text[: longest - 1].rstrip() + "…"
