"""The task half of the `CommandStore` port: the queue's statements as commands need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from aiwebhook.domain.event import PUBLISHED
from aiwebhook.domain.failure import ErrorClass, RunError
from aiwebhook.domain.say_ending import for_statement
from aiwebhook.domain.waiting import TaskSituation
from aiwebhook.domain.wake_budget import WOKEN_S
from aiwebhook.ports.command_rows import Change, Json, NewTask, Page, Written, WrittenTask
from aiwebhook.ports.listed_rows import AgentRow
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.task_rows import FoundAgent, TaskListing, TaskRow
from aiwebhook.postgres.change_rows import changes_of
from aiwebhook.postgres.command_news import PostgresCommandNews
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.dependants import PostgresDependants
from aiwebhook.postgres.listing_calls import ListingCalls
from aiwebhook.postgres.outbox_rows import delayed_wake, outbox_rows
from aiwebhook.postgres.written_rows import CancelledRow, WrittenTaskRow

_AGENTS = 1_000  # cached per process; all are dropped at the limit
_CANCELLED = RunError.of(ErrorClass.CANCELLED, "The task was cancelled before it ran.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dependency:
    task_id: str
    status: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _EnqueuedRow:
    data: Json
    ready: bool
    fair_tag: int
    blockers: int
    project_id: str
    agent_name: str
    wait_s: float | None
    cursor: int | None
    outbox: list[Json]


class PostgresCommandTasks(PostgresCommandNews, PostgresDependants):
    """The `TaskStore` port."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._agents: dict[tuple[str, str], FoundAgent] = {}

    def describe_agents(self, *, project_id: str) -> list[AgentRow]:
        """All agents of the project, by name."""
        (agents,) = self._database.together(ListingCalls.describe_agents(project_id=project_id))
        return agents

    def find_agent(self, *, project_id: str, agent_name: str) -> FoundAgent | None:
        """The agent of this name or alias."""
        params = {"project_id": project_id, "agent_name": agent_name}
        found = self._database.row("find_agent", params, FoundAgent)
        if found is not None:
            if len(self._agents) >= _AGENTS:
                self._agents.clear()
            self._agents[project_id, agent_name] = found
        return found

    def recall_agent(self, *, project_id: str, agent_name: str) -> FoundAgent | None:
        """The agent as this process last read it."""
        return self._agents.get((project_id, agent_name))

    def agent_names(self, *, project_id: str) -> list[str]:
        """The names of the project's agents, in order."""
        return self._database.values("agent_names", {"project_id": project_id}, str)

    def delegate_task(self, change: Change, task: NewTask, answer: Json) -> Written | None:
        """Queue the task; None when the session accepts nothing, the id is taken or a
        dependency is missing.
        """
        row = self._write(
            "delegate_task",
            change,
            {
                "task_id": task.task_id,
                "agent_name": task.agent_name,
                "manifest": Jsonb(task.manifest),
                "max_concurrent": task.manifest.get("max_concurrent", 1),
                "task_type": task.task_type,
                "description": task.description,
                "input": Jsonb(task.input),
                "priority": task.priority,
                "timeout_s": task.timeout_s,
                "max_attempts": task.max_attempts,
                "not_before": task.not_before,
                "deadline": task.deadline,
                "callback_url": task.callback_url,
                "repository": None if task.repository is None else Jsonb(task.repository),
                "max_cost_usd": task.max_cost_usd,
                "depends_on": list(task.depends_on),
                "presumed_as": task.presumed_as,
                "connection": task.delegated_by,
                "delegated_with": task.delegated_with,
                "woken_s": WOKEN_S,
                "answer": Jsonb(answer),
                "published": sorted(PUBLISHED),
            },
            _EnqueuedRow,
        )
        if row is None:
            return None
        later = delayed_wake(
            project_id=row.project_id, agent_name=row.agent_name, wait_s=row.wait_s
        )
        return Written(
            data=row.data,
            cursor=row.cursor,
            outbox=(*outbox_rows(row.outbox), *later),
        )

    def dependency_states(
        self, *, project_id: str, depends_on: Sequence[str]
    ) -> dict[str, str | None]:
        """Status by task id; None where the task does not exist."""
        params = {"project_id": project_id, "depends_on": list(depends_on)}
        rows = self._database.rows("dependency_states", params, _Dependency)
        return {row.task_id: row.status for row in rows}

    def find_task(self, *, project_id: str, task_id: str) -> TaskRow | None:
        """Everything about one task, its result included."""
        params = {"project_id": project_id, "task_id": task_id}
        return self._database.row("find_task", params, TaskRow)

    def list_tasks(
        self,
        *,
        project_id: str,
        session_id: str | None,
        status: str | None,
        agent_name: str | None,
        page: Page,
    ) -> list[TaskListing]:
        """Tasks, newest first."""
        listing = ListingCalls.list_tasks(
            project_id=project_id,
            session_id=session_id,
            status=status,
            agent_name=agent_name,
            page=page,
        )
        (tasks,) = self._database.together(listing)
        return tasks

    def explain_task(self, *, project_id: str, task_id: str) -> TaskSituation | None:
        """The state of the queue around a task, from which waiting is explained."""
        return self._database.row(
            "explain_task", {"project_id": project_id, "task_id": task_id}, TaskSituation
        )

    def resolve_dependants(
        self, *, project_id: str, task_ids: Sequence[str]
    ) -> tuple[tuple[OutboxRow, ...], list[str]]:
        """Resolve the dependants of these ended tasks; returns outbox rows to push, and the tasks
        that ended in turn and have dependants themselves.
        """
        rows = self._resolve_dependants(project_ids=[project_id] * len(task_ids), task_ids=task_ids)
        ended = [r.task_id for r in rows if r.status == "failed" and r.has_dependants]
        return tuple(changes_of(rows).outbox), ended

    def cancel_task(self, change: Change, *, task_id: str) -> WrittenTask | None:
        """Cancel, or ask its run to stop; None when it has ended."""
        params = {
            "task_id": task_id,
            "published": sorted(PUBLISHED),
            "cancelled_error": Jsonb(for_statement(_CANCELLED)),
        }
        row = self._write("cancel_task", change, params, CancelledRow)
        return None if row is None else row.read()

    def retry_task(self, change: Change, *, task_id: str) -> WrittenTask | None:
        """Queue an ended task again; None when it has not ended badly."""
        params = {"task_id": task_id, "published": sorted(PUBLISHED)}
        row = self._write("retry_task", change, params, WrittenTaskRow)
        return None if row is None else row.read()

    def reply_to_task(
        self, change: Change, *, task_id: str, message: Json, reading_kinds: Sequence[str]
    ) -> WrittenTask | None:
        """Store a message for its run; None when it has ended, or its agent reads no messages."""
        params = {
            "task_id": task_id,
            "message": Jsonb(message),
            "reading_kinds": list(reading_kinds),
        }
        row = self._write("reply_to_task", change, params, WrittenTaskRow)
        return None if row is None else row.read()

    def wait_for_change(self, *, timeout_s: float) -> None:
        """Return at the next notification, or after `timeout_s`."""
        self._database.wait_for_notice("aiwebhook", timeout_s=timeout_s)
