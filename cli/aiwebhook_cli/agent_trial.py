"""`aiwebhook agent test`: one line of work through everything that real work goes through."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.agent_kind import ON_A_MODEL, AgentKind
from aiwebhook.domain.event import TASK_ENDED
from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.agent_keys import Key

if TYPE_CHECKING:
    from aiwebhook.client import Client

Json = dict[str, Any]
PROMPT = "This is a test of the connection. Use no tool; answer at once, in a few words: ready."
MOST_USD = 0.25
_WITHIN_S = 240.0
_RUN_S = 180
_POLL_S = 20.0
# From one moment of a task to the next: what is measured, and between which fields.
_HOPS = (
    ("queued", "created_at", "claimed_at"),
    ("launched", "claimed_at", "launched_at"),
    ("started", "launched_at", "started_at"),
    ("ran", "started_at", "finished_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How it went. `said` is the answer, or one sentence about what is wrong."""

    agent_name: str
    ok: bool
    sentence: str
    remedy: str = ""
    error_class: str | None = None
    version: str | None = None
    model: str | None = None
    key: str
    hops: Mapping[str, int] = field(default_factory=dict[str, int])
    """Milliseconds by hop."""
    usage: Json | None = None

    def as_json(self) -> Json:
        return asdict(self)


def try_agent(client: Client, agent: Json, show: Callable[[Json], None]) -> Trial:
    """Delegate, watch, judge. `agent` is one of GET /v1/agents with its `key`. Nothing is left
    behind, however it ends: what there is to say about a failure, the trial says.
    """
    if agent["kind"] == AgentKind.WORKER:
        return _of_worker(agent)
    session_id = client.create_session(title=f"Test of {agent['agent_name']}")["session_id"]
    limit = {"max_cost_usd": MOST_USD} if agent["kind"] in ON_A_MODEL else {}
    try:
        task = client.delegate_task(
            session_id,
            agent_name=agent["agent_name"],
            description=PROMPT,
            timeout_s=_RUN_S,
            max_attempts=1,
            **limit,
        )
        return _judge(agent, _watch(client, session_id, task["task_id"], show))
    finally:
        with contextlib.suppress(AiWebhookError):
            client.delete_session(session_id)


def _watch(client: Client, session_id: str, task_id: str, show: Callable[[Json], None]) -> Json:
    """The task once it ended, or as it stands when its time is over, or Ctrl-C was pressed."""
    until = time.monotonic() + _WITHIN_S
    after, over = 0, False
    try:
        while not over and time.monotonic() < until:
            page = client.events(session_id, after_seq=after, wait_s=_POLL_S)
            after = int(page["next_after_seq"])
            for event in page["items"]:
                if event["task_id"] == task_id:
                    show(event)
                    over = over or event["type"] in TASK_ENDED
            if not over:
                client.pause_after(page)
    finally:
        if not over:
            with contextlib.suppress(AiWebhookError):
                client.change_task(task_id, "cancel")
    return client.task(task_id)


def _judge(agent: Json, task: Json) -> Trial:
    error: Json = task.get("error") or {}
    usage: Json | None = task.get("usage")
    output: Json = task.get("output") or {}
    reported: Json = output.get("agent") or {}
    ok = task["status"] == "completed"
    sentence, remedy = task.get("say") or "it answered.", ""
    if not ok:
        queue: Json = task.get("queue") or {}
        sentence = (
            error.get("message") or queue.get("explanation") or f"the task is {task['status']}."
        )
        remedy = error.get("remedy") or "Look at 'aiwebhook doctor'."
    return Trial(
        agent_name=agent["agent_name"],
        ok=ok,
        sentence=sentence,
        remedy=remedy,
        error_class=error.get("error_class"),
        version=reported.get("version"),
        model=reported.get("model") or agent.get("model"),
        key=_key(agent, error, usage),
        hops=_hops(task),
        usage=usage,
    )


def _key(agent: Json, error: Json, usage: Json | None) -> str:
    """What the run itself has shown says more than what we knew before."""
    if usage and usage.get("output_tokens"):
        return Key.PRESENT
    if error.get("error_class") == "auth":
        return Key.MISSING if agent["key"] != Key.PRESENT else "refused by the provider"
    return agent["key"]


def _hops(task: Json) -> dict[str, int]:
    moments = {name: task[name] for hop in _HOPS for name in hop[1:] if task.get(name)}
    parsed = {name: datetime.fromisoformat(text) for name, text in moments.items()}
    return {
        hop: max(0, round((parsed[end] - parsed[start]).total_seconds() * 1000))
        for hop, start, end in _HOPS
        if start in parsed and end in parsed
    }


def _of_worker(agent: Json) -> Trial:
    """What a worker may do, its own machine decides; here only that there is one is told."""
    connected = int(agent.get("workers") or 0)
    return Trial(
        agent_name=agent["agent_name"],
        ok=connected > 0,
        sentence=f"{connected} connected" if connected else "no worker is connected for it.",
        remedy=""
        if connected
        else f"Start one: 'aiwebhook worker --agents {agent['agent_name']}'.",
        key=agent["key"],
    )
