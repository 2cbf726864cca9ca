"""Talks to the built-in agents as the supervisor does, without a process."""

import io
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiwebhook_agents import conversation_processor
from aiwebhook_agents.agent_io import Task, Voice
from examples.conversation_file import read_conversation

Agent = Callable[[Task, Voice], None]
MEETING = Path(__file__).parents[2] / "examples" / "meeting.txt"


def meeting_chunks() -> list[dict[str, Any]]:
    """The demo's meeting as the session gives it back."""
    return [asdict(chunk) for chunk in read_conversation(MEETING).chunks]


def any_chunk(content: str, **changes: Any) -> dict[str, Any]:
    return {"chunk_id": "c1", "content": content, "start_time": "2026-11-18T09:00:00Z"} | changes


def any_memory(content: Any, **changes: Any) -> dict[str, Any]:
    memory: dict[str, Any] = {"type": "decision", "content": content, "tags": [], "version": 1}
    return memory | {"key": f"k-{abs(hash(str(content)))}"} | changes


def messages(agent: Agent, **task: Any) -> list[dict[str, Any]]:
    """Everything the agent says to a task."""
    stream = io.StringIO()
    for name in ("chunks", "memories"):
        task[name] = tuple(task.get(name, ()))
    agent(Task(**task), Voice(stream))
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def said(agent: Agent, message_type: str, **task: Any) -> list[dict[str, Any]]:
    return [m for m in messages(agent, **task) if m["type"] == message_type]


def found(content: str, kind: str, **chunk: Any) -> list[dict[str, Any]]:
    """The memories of one kind that the processor makes of a conversation."""
    stored = said(conversation_processor.process, "memory", chunks=[any_chunk(content, **chunk)])
    return [memory for memory in stored if memory["memory_type"] == kind]


def as_stored(memories: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Memories as the session gives them back."""
    return [{**m, "type": m["memory_type"], "version": 1} for m in memories]
