"""Reads that two stores share: one runs them alone, one along with its writes."""

from __future__ import annotations

from aiwebhook.ports.command_rows import Page
from aiwebhook.ports.listed_rows import AgentRow
from aiwebhook.ports.task_rows import TaskListing
from aiwebhook.postgres.flush import Call
from aiwebhook.postgres.keyset import keyset


class ListingCalls:
    """Each method builds the call of the statement of its name."""

    @staticmethod
    def describe_agents(*, project_id: str) -> Call[list[AgentRow]]:
        """All agents of the project, by name."""
        return Call.rows("describe_agents", {"project_id": project_id}, AgentRow)

    @staticmethod
    def list_tasks(
        *,
        project_id: str,
        session_id: str | None,
        status: str | None,
        agent_name: str | None,
        page: Page,
    ) -> Call[list[TaskListing]]:
        """Tasks, newest first."""
        params = {
            "project_id": project_id,
            "session_id": session_id,
            "status": status,
            "agent_name": agent_name,
            **keyset(page),
        }
        return Call.rows("list_tasks", params, TaskListing)
