"""The main job on a running stack: session, conversation, two agents, signed callbacks.

It uses what a user has: the HTTP client and a receiver. Every step is checked; what is wrong
is said in one sentence (`DemoFailed`), and the timeline shows what every hop took.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiwebhook.client import Client
from aiwebhook.clock import utc_now
from aiwebhook.domain.page import MAX_PAGE
from aiwebhook_cli.demo.failure import DemoFailed
from aiwebhook_cli.demo.labelled_issue import labelled_issue
from aiwebhook_cli.demo.meeting import Meeting
from aiwebhook_cli.demo.receiver import CallbackReceiver
from aiwebhook_cli.demo.timeline import Hop, hops_of

_TASK_TIMEOUT_S = 60.0
_CALLBACK_TIMEOUT_S = 10.0
QUESTION = "Which database do we use for the shipments, and why?"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRun:
    """A finished task of the demo: its hops, its spoken result, its data."""

    agent_name: str
    task: dict[str, Any]
    hops: tuple[Hop, ...]
    webhook_id: str

    @property
    def say(self) -> str:
        """The result, fit to be spoken."""
        return str(self.task["say"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened, ready to be told."""

    session_id: str
    memories: dict[str, list[dict[str, Any]]]
    """The session's memories by type."""
    runs: tuple[AgentRun, ...]
    brief: str
    """The researcher's brief, Markdown."""


def tell(
    client: Client, receiver: CallbackReceiver, meeting: Meeting, say: Callable[[str], None]
) -> Story:
    """Live through it; `say` gets a line per step. Raises DemoFailed, and the client's errors."""
    endpoint = client.post("/v1/endpoints", {"url": receiver.url, "description": "the demo"})
    receiver.secret = str(endpoint["secret"])
    session_id = f"meeting-{utc_now():%Y%m%d-%H%M%S}"
    try:
        _converse(client, session_id, meeting, say)
        order = ("conversation_processor", "Read the meeting.")
        processed = _delegate(client, receiver, session_id, order)
        say(f"conversation_processor: {processed.say}")
        researched = _delegate(client, receiver, session_id, ("researcher", QUESTION))
        say(f"researcher: {researched.say}")
        with labelled_issue(client, session_id) as task_id:
            say("An issue is labelled 'agent'; a rule has made a task of GitHub's webhook.")
            ruled = _ended(client, receiver, "researcher", task_id)
        say(f"researcher, by the rule: {ruled.say}")
    finally:
        # The receiver ends with the demo; an endpoint left behind would collect failures.
        client.delete(f"/v1/endpoints/{endpoint['endpoint_id']}")
    return Story(
        session_id=session_id,
        memories=_memories(client, session_id),
        runs=(processed, researched, ruled),
        brief=_brief(client, session_id),
    )


def _converse(
    client: Client, session_id: str, meeting: Meeting, say: Callable[[str], None]
) -> None:
    opened = client.command(
        "create_session",
        session_id,
        {"title": meeting.title, "participants": list(meeting.participants), "context": "the demo"},
    )
    say(opened["say"])
    for chunk in meeting.chunks:
        data = {
            "content": chunk.content,
            "chunk_id": chunk.chunk_id,
            "format": "dialogue",
            "start_time": chunk.start_time,
            "end_time": chunk.end_time,
            "participants": list(chunk.participants),
        }
        client.command("append_conversation", session_id, data)
    say(f"Posted {meeting.words:,} words in {len(meeting.chunks)} chunks to /webhook.")


def _delegate(
    client: Client, receiver: CallbackReceiver, session_id: str, order: tuple[str, str]
) -> AgentRun:
    agent_name, description = order
    data = {"agent_name": agent_name, "description": description}
    reply = client.command("delegate_task", session_id, data)
    return _ended(client, receiver, agent_name, str(reply["data"]["task_id"]))


def _ended(client: Client, receiver: CallbackReceiver, agent_name: str, task_id: str) -> AgentRun:
    answered_at = utc_now()
    task = client.wait_for_task(task_id, timeout_s=_TASK_TIMEOUT_S)
    if task["status"] != "completed":
        raise DemoFailed(f"The task of {agent_name} {task['status']}: {task.get('error')}")
    return _called_back(receiver, agent_name, task, answered_at)


def _called_back(
    receiver: CallbackReceiver, agent_name: str, task: dict[str, Any], answered_at: datetime
) -> AgentRun:
    callback = receiver.wait_for("task.completed", str(task["task_id"]), _CALLBACK_TIMEOUT_S)
    if callback is None:
        raise DemoFailed(
            f"{agent_name} finished, but no callback came within {_CALLBACK_TIMEOUT_S:g} s."
        )
    if not callback.verified:
        raise DemoFailed(f"The callback of {agent_name} carried a signature that does not hold.")
    hops = hops_of(task, answered_at=answered_at, called_back_at=callback.received_at)
    return AgentRun(agent_name=agent_name, task=task, hops=hops, webhook_id=callback.webhook_id)


def _memories(client: Client, session_id: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for memory in client.memories(session_id, limit=MAX_PAGE)["memories"]:
        found.setdefault(memory["type"], []).append(memory)
    for needed in ("idea", "decision", "question", "action_item", "risk"):
        if needed not in found:
            raise DemoFailed(f"conversation_processor found no {needed} in the meeting.")
    return found


def _brief(client: Client, session_id: str) -> str:
    artifacts = client.artifacts(session_id, limit=MAX_PAGE)["artifacts"]
    briefs = [a for a in artifacts if a["name"] == "brief.md"]
    if not briefs:
        raise DemoFailed("researcher left no brief.md among the artifacts.")
    return str(client.artifact(briefs[0]["artifact_id"])["content"])


def meeting_file(root: Path) -> Path:
    """The conversation that the demo posts."""
    return root / "examples" / "meeting.txt"
