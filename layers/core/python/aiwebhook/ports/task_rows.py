"""Rows of tasks and agents, as commands find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiwebhook.ports.command_rows import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAgent:
    agent_name: str
    manifest: Json
    max_concurrent: int
    status: str
    status_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """Everything about one task, its result included. `runs` are its newest attempts, `usages` has
    one entry per run that used anything.
    """

    task_id: str
    session_id: str
    agent_name: str
    agent_title: str | None
    task_type: str | None
    description: str | None
    input: Json
    status: str
    ready: bool
    priority: int
    attempts: int
    max_attempts: int
    timeout_s: int
    cancel_requested: bool
    depends_on: Sequence[str]
    callback_url: str | None
    repository: Json | None
    max_cost_usd: float | None
    not_before: datetime | None
    run_after: datetime | None
    deadline: datetime | None
    created_at: datetime
    claimed_at: datetime | None
    launched_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    output: Json | None
    say: str | None
    error: Json | None
    exit_code: int | None
    notes: Sequence[Json] | None
    runs: Sequence[Json] | None
    usages: Sequence[Json] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskListing:
    """A task in a list, without input and output."""

    task_id: str
    session_id: str
    agent_name: str
    agent_title: str | None
    task_type: str | None
    description: str | None
    status: str
    priority: int
    attempts: int
    created_at: datetime
    finished_at: datetime | None
    say: str | None
    error: Json | None
