"""The `TaskStore` port on a folder: what tasks did elsewhere is read; the queue needs Postgres."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn, cast

from aiwebhook.domain.task import TaskStatus
from aiwebhook.domain.waiting import TaskSituation
from aiwebhook.errors import Conflict
from aiwebhook.json_store.conversation_store import JsonConversationStore
from aiwebhook.json_store.session_content import inner_path
from aiwebhook.json_store.store_base import PROJECT_ID
from aiwebhook.json_store.stored_session import StoredSession, number_in, time_in
from aiwebhook.ports.command_rows import Change, NewTask, Page, Written, WrittenTask
from aiwebhook.ports.listed_rows import AgentRow
from aiwebhook.ports.messaging import OutboxRow
from aiwebhook.ports.task_rows import FoundAgent, TaskListing, TaskRow
from aiwebhook.session_folder.folder_item import wire_id

Json = dict[str, Any]
_STATUSES = frozenset(TaskStatus)
_TEXTS = ("agent_title", "task_type", "description", "callback_url", "say")
_OBJECTS = ("repository", "output", "error")
_LISTS = ("notes", "runs", "usages")


def needs_postgres(what: str) -> Conflict:
    """The refusal of what a folder of files cannot do."""
    return Conflict(f"{what} needs Postgres; this is a folder of files.", code="needs_postgres")


def _no_queue() -> NoReturn:
    raise needs_postgres("The queue of tasks")


class JsonTaskRecords(JsonConversationStore):
    """Records of tasks. None of them changes here."""

    def _tasks_of(self, session: StoredSession) -> list[TaskRow]:
        folder = f"{session.folder}/tasks"
        found: list[TaskRow] = []
        for name in self._folder.names(folder):
            path = f"{folder}/{name}"
            told = self._metas.get(path) if name.endswith(".json") else None
            if told is None:
                continue
            row = _task_in(told, session, inner_path(path).stem)
            if row is None:
                self._folder.skip(path, "has no status of a task")
            else:
                found.append(row)
        return found

    def _task(self, task_id: str) -> TaskRow | None:
        everywhere = (row for each in self._sessions.all() for row in self._tasks_of(each))
        return next((row for row in everywhere if row.task_id == task_id), None)

    def find_task(self, *, project_id: str, task_id: str) -> TaskRow | None:
        """What its record tells."""
        with self._folder.reading():
            return self._task(task_id) if project_id == PROJECT_ID else None

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
        if project_id != PROJECT_ID:
            return []
        with self._folder.reading():
            if session_id is None:
                sessions = list(self._sessions.all())
            else:
                one = self._sessions.find(session_id)
                sessions = [] if one is None else [one]
            rows = [row for each in sessions for row in self._tasks_of(each)]
        fitting = [
            row
            for row in rows
            if (status is None or row.status == status)
            and (agent_name is None or row.agent_name == agent_name)
            and (page.after is None or _place(row) < page.after)
        ]
        return [_listing(row) for row in sorted(fitting, key=_place, reverse=True)[: page.limit]]

    def dependency_states(
        self, *, project_id: str, depends_on: Sequence[str]
    ) -> dict[str, str | None]:
        found = {each: self.find_task(project_id=project_id, task_id=each) for each in depends_on}
        return {name: None if row is None else row.status for name, row in found.items()}

    def explain_task(self, *, project_id: str, task_id: str) -> TaskSituation | None:
        """Nothing waits here."""
        del project_id, task_id
        return None

    def resolve_dependants(
        self, *, project_id: str, task_ids: Sequence[str]
    ) -> tuple[tuple[OutboxRow, ...], list[str]]:
        """Nothing waits here."""
        del project_id, task_ids
        return (), []

    def agent_names(self, *, project_id: str) -> Sequence[str]:
        del project_id
        _no_queue()

    def describe_agents(self, *, project_id: str) -> list[AgentRow]:
        """Agents work for a queue. Raises Conflict."""
        del project_id
        _no_queue()

    def find_agent(self, *, project_id: str, agent_name: str) -> FoundAgent | None:
        del project_id, agent_name
        _no_queue()

    def recall_agent(self, *, project_id: str, agent_name: str) -> FoundAgent | None:
        del project_id, agent_name
        _no_queue()

    def delegate_task(self, change: Change, task: NewTask, answer: Json) -> Written | None:
        """Raises Conflict."""
        del change, task, answer
        _no_queue()

    def cancel_task(self, change: Change, *, task_id: str) -> WrittenTask | None:
        """Raises Conflict."""
        del change, task_id
        _no_queue()

    def retry_task(self, change: Change, *, task_id: str) -> WrittenTask | None:
        """Raises Conflict."""
        del change, task_id
        _no_queue()

    def reply_to_task(
        self, change: Change, *, task_id: str, message: Json, reading_kinds: Sequence[str]
    ) -> WrittenTask | None:
        """Raises Conflict."""
        del change, task_id, message, reading_kinds
        _no_queue()

    def wait_for_change(self, *, timeout_s: float) -> None:
        """Nobody tells of changes of a folder: who waits looks again then."""
        threading.Event().wait(timeout_s)


def _task_in(told: Json, session: StoredSession, name: str) -> TaskRow | None:
    """From a record as `get_task` shows a task, or the earlier system wrote one."""
    status = told.get("status")
    if not isinstance(status, str) or status not in _STATUSES:
        return None
    own = told.get("task_id", told.get("id"))
    agent = told.get("agent_name", told.get("agent"))
    given = told.get("input")
    depends_on = told.get("depends_on")
    waited = cast("list[object]", depends_on) if isinstance(depends_on, list) else []
    texts = {key: told.get(key) if isinstance(told.get(key), str) else None for key in _TEXTS}
    objects = {key: told.get(key) if isinstance(told.get(key), dict) else None for key in _OBJECTS}
    lists = {key: told.get(key) if isinstance(told.get(key), list) else None for key in _LISTS}
    times = ("not_before", "run_after", "deadline", "claimed_at", "launched_at", "started_at")
    cost = told.get("max_cost_usd")
    exit_code = told.get("exit_code")
    return TaskRow(
        task_id=wire_id(own if isinstance(own, str) else name, "task", session.session_id),
        session_id=session.session_id,
        agent_name=agent if isinstance(agent, str) else "unknown",
        input=cast("Json", given) if isinstance(given, dict) else {},
        status=status,
        ready=False,
        priority=number_in(told, "priority") or 0,
        attempts=number_in(told, "attempts") or 0,
        max_attempts=number_in(told, "max_attempts") or 1,
        timeout_s=number_in(told, "timeout_s") or 0,
        cancel_requested=told.get("cancel_requested") is True,
        depends_on=[each for each in waited if isinstance(each, str)],
        max_cost_usd=float(cost) if isinstance(cost, int | float) else None,
        created_at=time_in(told, "created_at", "created") or session.created_at,
        finished_at=time_in(told, "finished_at", "completed_at"),
        exit_code=exit_code if isinstance(exit_code, int) else None,
        **{key: time_in(told, key) for key in times},
        **texts,
        **objects,
        **lists,
    )


def _listing(row: TaskRow) -> TaskListing:
    return TaskListing(
        task_id=row.task_id,
        session_id=row.session_id,
        agent_name=row.agent_name,
        agent_title=row.agent_title,
        task_type=row.task_type,
        description=row.description,
        status=row.status,
        priority=row.priority,
        attempts=row.attempts,
        created_at=row.created_at,
        finished_at=row.finished_at,
        say=row.say,
        error=row.error,
    )


def _place(row: TaskRow) -> tuple[datetime, str]:
    return row.created_at, row.task_id
