"""Records which agents cannot start on the machine that runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwebhook.domain.failure import ErrorClass, RunError
from aiwebhook.domain.say_ending import cause_template

if TYPE_CHECKING:
    from aiwebhook.postgres.queue_store import PostgresQueueStore


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentReport:
    """One agent: why it cannot start, or None when no reason is known."""

    agent_name: str
    fault: RunError | None = None

    @classmethod
    def of(cls, agent_name: str, error_class: ErrorClass | None, message: str) -> AgentReport:
        """From the fields of the API."""
        fault = None if error_class is None else RunError.of(error_class, message)
        return cls(agent_name=agent_name, fault=fault)


def report_agents(
    store: PostgresQueueStore, reports: Sequence[AgentReport], *, project_id: str
) -> int:
    """Set or clear the agents' status `error`; returns how many changed. Agents unknown to the
    project are ignored. Raises Unavailable.
    """
    reasons = {r.agent_name: r.fault and cause_template(r.fault) for r in reports}
    changed = store.report_agents(project_id=project_id, reasons=reasons)
    store.mark_agents(project_id=project_id)
    return changed
