"""The task half of the `CommandStore` port: the queue's statements, asked by commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from aiwebhook.domain.ending import DEPENDENCY_SAY, for_statement
from aiwebhook.domain.event import PUBLISHED
from aiwebhook.domain.failure import ErrorClass, RunError
from aiwebhook.domain.waiting import TaskSituation
from aiwebhook.ports.command_rows import Change, Json, NewTask, Page, Written
from aiwebhook.ports.listed_rows import AgentRow
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.postgres.command_ledger import keyset, written
from aiwebhook.postgres.command_news import PostgresCommandNews
from aiwebhook.postgres.outbox_rows import delayed_wake, outbox_rows
from aiwebhook.postgres.run_store import changes_of

_CANCELLED = RunError.of(ErrorClass.CANCELLED, "The task was cancelled before it ran.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dependency:
    task_id: str
    status: str | None


class PostgresCommandTasks(PostgresCommandNews):
    """The `TaskStore` port."""

    def describe_agents(self, *, project_id: str) -> list[AgentRow]:
        """All agents of the project, by name."""
        return self._database.rows("describe_agents", {"project_id": project_id}, AgentRow)

    def find_agent(self, *, project_id: str, agent_name: str) -> Json | None:
        """agent_name, manifest, max_concurrent, status; by name or alias."""
        return self._one("find_agent", project_id=project_id, agent_name=agent_name)

    def agent_names(self, *, project_id: str) -> list[str]:
        """The names of the project's agents, in order."""
        rows = self._database.dicts("agent_names", {"project_id": project_id})
        return [row["agent_name"] for row in rows]

    def delegate_task(self, change: Change, task: NewTask) -> Written | None:
        """Queue it; None when the session takes nothing, the id is taken or a
        dependency is missing.
        """
        row = self._write(
            "enqueue_task",
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
                "outcome": _provisional(change, task.task_id),
                "published": sorted(PUBLISHED),
            },
        )
        return _task_written(row)

    def dependency_states(
        self, *, project_id: str, depends_on: Sequence[str]
    ) -> dict[str, str | None]:
        """The status of each; None where there is no such task."""
        params = {"project_id": project_id, "depends_on": list(depends_on)}
        rows = self._database.rows("dependency_states", params, _Dependency)
        return {row.task_id: row.status for row in rows}

    def find_task(self, *, project_id: str, task_id: str) -> Json | None:
        """Everything about one task, its result included."""
        return self._one("find_task", project_id=project_id, task_id=task_id)

    def list_tasks(
        self,
        *,
        project_id: str,
        session_id: str | None,
        status: str | None,
        agent_name: str | None,
        page: Page,
    ) -> list[Json]:
        """Newest first, without input and output."""
        return self._database.dicts(
            "list_tasks",
            {
                "project_id": project_id,
                "session_id": session_id,
                "status": status,
                "agent_name": agent_name,
                **keyset(page),
            },
        )

    def explain_task(self, *, project_id: str, task_id: str) -> TaskSituation | None:
        """What the queue knows about a task."""
        return self._database.row(
            "explain_task", {"project_id": project_id, "task_id": task_id}, TaskSituation
        )

    def resolve_dependants(
        self, *, project_id: str, task_ids: Sequence[str]
    ) -> tuple[tuple[OutboxRow, ...], list[str]]:
        """Tell those that wait for these ended tasks; what to push, and the ended ones
        others wait for.
        """
        params = {
            "project_ids": [project_id] * len(task_ids),
            "task_ids": list(task_ids),
            "dependency_say": DEPENDENCY_SAY,
            "published": sorted(PUBLISHED),
        }
        rows = self._database.dicts("resolve_dependants", params)
        ended = [r["task_id"] for r in rows if r["status"] == "failed" and r["has_dependants"]]
        return tuple(changes_of(rows).outbox), ended

    def cancel_task(self, change: Change, *, task_id: str) -> Written | None:
        """Cancel, or ask its run to stop; None when it has ended."""
        row = self._write(
            "cancel_task",
            change,
            {
                "task_id": task_id,
                "outcome": _provisional(change, task_id),
                "published": sorted(PUBLISHED),
                "cancelled_error": Jsonb(for_statement(_CANCELLED)),
            },
        )
        return _task_written(row)

    def retry_task(self, change: Change, *, task_id: str) -> Written | None:
        """Queue an ended task again; None when it has not ended badly."""
        row = self._write(
            "retry_task",
            change,
            {
                "task_id": task_id,
                "outcome": _provisional(change, task_id),
                "published": sorted(PUBLISHED),
            },
        )
        return _task_written(row)

    def reply_to_task(self, change: Change, *, task_id: str, message: Json) -> Written | None:
        """Keep a message for its run; None when it has ended."""
        params = {"task_id": task_id, "message": Jsonb(message)}
        return written(self._write("reply_to_task", change, params))

    def wait_for_change(self, *, timeout_s: float) -> None:
        """Return when something changed anywhere, or after `timeout_s`."""
        self._database.wait_for_notice("aiwebhook", timeout_s=timeout_s)


def _provisional(change: Change, task_id: str) -> Jsonb:
    """What a replay finds until the settling after the commit has amended it.

    It never is when the writer dies between the two: then a replay reads the rest from the task.
    """
    data = {"task_id": task_id, "provisional": True}
    return Jsonb({"session_id": change.session_id, "data": data})


def _task_written(row: Json | None) -> Written | None:
    if row is None:
        return None
    data = {"task_id": row["task_id"], "status": row["status"]}
    if row.get("has_dependants"):
        data["has_dependants"] = True
    later = delayed_wake(
        project_id=row.get("project_id", ""),
        agent_name=row.get("agent_name", ""),
        wait_s=row.get("wait_s"),
    )
    return Written(data=data, cursor=row["seq"], outbox=(*outbox_rows(row["outbox"]), *later))
