"""Delegates the task of a rule: with the command's statement, but without its catalogue.

The reaper may evaluate rules, and must have no access to what commands read and write:
memories and conversations.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiwebhook.domain.agent_kind import works_on_files
from aiwebhook.domain.rule_decision import RuleOrder
from aiwebhook.errors import Unavailable
from aiwebhook.ids import new_id
from aiwebhook.ports.command_rows import Change, Json, NewSession, NewTask
from aiwebhook.ports.messaging import EventPublisher, OutboxRow, Waker
from aiwebhook.ports.task_rows import FoundAgent
from aiwebhook.usecases.post_outbox import SettlingStore, post_outbox

if TYPE_CHECKING:
    from aiwebhook.postgres.command_store import PostgresCommandStore

_TRIES = 3
_OWN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegating:
    """The dependencies of delegating. `settling` deletes outbox rows that were pushed."""

    store: PostgresCommandStore
    settling: SettlingStore
    waker: Waker
    publisher: EventPublisher


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedTask:
    """Whose task it is, and the id that identifies it at each try."""

    project_id: str
    task_id: str
    correlation_id: str


def delegate_by_rule(services: Delegating, ordered: OrderedTask, order: RuleOrder) -> str | None:
    """Queue the task once. Returns None, or the error code of a refusal. Raises Unavailable and
    other errors of the store, after which it may be retried.
    """
    store, project_id = services.store, ordered.project_id
    agent = store.find_agent(project_id=project_id, agent_name=order.data["agent_name"])
    refusal = what_refuses(agent, order)
    if agent is None or refusal is not None:
        return refusal
    task = _task(agent, ordered, order)
    session_id = order.session_id
    for _ in range(_TRIES):
        if store.find_task(project_id=project_id, task_id=ordered.task_id) is not None:
            return None  # by an earlier try, whatever the rule says since
        change = _change(ordered, session_id)
        written = store.delegate_task(change, task, {"task_id": task.task_id})
        if written is not None:
            _push(services, written.outbox)
            return None
        session = store.find_session(project_id=project_id, session_id=session_id)
        if session is None:
            opened = store.create_session(change, _session(session_id, order))
            _push(services, () if opened is None else opened.outbox)
        elif session.status == "completed":
            session_id = f"{order.session_id[:100]}.{ordered.task_id[-_OWN:]}"
    raise Unavailable("The session of the task changes at this moment.")


def what_refuses(agent: FoundAgent | None, order: RuleOrder) -> str | None:
    """The error code with which delegate_task would refuse; None if nothing rules the task out."""
    if agent is None:
        return "agent_not_found"
    schema: Json = agent.manifest.get("input_schema") or {}
    if schema.get("required"):
        return "input_invalid"
    if order.data.get("repo") is not None and not works_on_files(agent.manifest.get("kind")):
        return "repository_not_possible"
    return None


def _task(agent: FoundAgent, ordered: OrderedTask, order: RuleOrder) -> NewTask:
    """The new task; what the rule leaves open comes from the agent's manifest."""
    data, manifest = order.data, agent.manifest
    get: Callable[[str, Any], Any] = data.get
    repo = data.get("repo")
    return NewTask(
        task_id=ordered.task_id,
        agent_name=agent.agent_name,
        manifest=manifest,
        task_type=data.get("task_type"),
        description=data["description"],
        input={},
        priority=get("priority", 0),
        timeout_s=get("timeout_s", manifest.get("timeout_s", 600)),
        max_attempts=get("max_attempts", manifest.get("max_attempts", 3)),
        not_before=None,
        deadline=None,
        callback_url=None,
        depends_on=[],
        repository=None
        if repo is None
        else {"repo": repo, "ref": data.get("ref"), "pr": get("pr", "none")},
        max_cost_usd=data.get("max_cost_usd"),
    )


def _session(session_id: str, order: RuleOrder) -> NewSession:
    return NewSession(
        title=order.session_title,
        participants=[],
        context=None,
        metadata={},
        fingerprint=hashlib.sha256(f"rule\0{session_id}".encode()).digest(),
    )


def _change(ordered: OrderedTask, session_id: str) -> Change:
    # Without an idempotency key: the task's id is derived from the rule run, so it exists once.
    return Change(
        project_id=ordered.project_id,
        session_id=session_id,
        request_id=new_id("req"),
        correlation_id=ordered.correlation_id,
    )


def _push(services: Delegating, rows: tuple[OutboxRow, ...]) -> None:
    post_outbox(services.settling, rows, waker=services.waker, publisher=services.publisher)
